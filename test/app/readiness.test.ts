import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readiness } from '../../app/readiness';
import { ShutdownStack } from '../../app/shutdown-stack';

const folder = mkdtempSync(join(tmpdir(), 'likestream-ready-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('a process that ends is not ready from the begin of its end on', async () => {
  const shutdown = new ShutdownStack();
  const missing = readiness({ DATA_DIR: folder, ROLE: undefined }, shutdown);
  const during: (readonly string[])[] = [];
  shutdown.add(async () => void during.push(await missing()));
  expect(await missing()).toEqual([]);
  await shutdown.end();
  expect(during).toEqual([['stop']]);
});

test('a process that stores entries itself needs its disk, one on servers does not', async () => {
  const shutdown = new ShutdownStack();
  const nowhere = join(folder, 'nowhere');
  expect(await readiness({ DATA_DIR: nowhere, ROLE: undefined }, shutdown)()).toEqual(['disk']);
  const onServers = readiness({ DATA_DIR: nowhere, ROLE: ['producer'] }, shutdown);
  expect(await onServers()).toEqual([]);
});
