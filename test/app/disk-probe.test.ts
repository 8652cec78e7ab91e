import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DiskProbe, PROBE_MS, PROBE_VALID_MS } from '../../app/disk-probe';
import { VirtualClock } from '../simulation/virtual-clock';

let folder: string;
let clock: VirtualClock;
let probe: DiskProbe;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'likestream-probe-'));
  clock = new VirtualClock();
  probe = new DiskProbe(join(folder, 'data'), clock);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a folder that takes no file is missing, until it takes one', async () => {
  writeFileSync(join(folder, 'data'), 'a file is no folder');
  expect(await probe.missing()).toEqual(['disk']);
  rmSync(join(folder, 'data'));
  probe = new DiskProbe(folder, clock);
  expect(await probe.missing()).toEqual([]);
  expect(readdirSync(folder)).toEqual([]);
});

test('a result holds for a second', async () => {
  expect(await probe.missing()).toEqual(['disk']);
  probe = new DiskProbe(folder, clock);
  expect(await probe.missing()).toEqual([]);
  rmSync(folder, { recursive: true });
  await clock.advance(PROBE_VALID_MS - 1);
  expect(await probe.missing()).toEqual([]);
  await clock.advance(1);
  expect(await probe.missing()).toEqual(['disk']);
  expect(existsSync(folder)).toBe(false);
});

test('a disk that takes too long is missing, and is asked once at a time', async () => {
  const begun: (() => void)[] = [];
  const write = () => new Promise<void>((resolve) => begun.push(resolve));
  probe = new DiskProbe(folder, clock, write);
  const first = probe.missing();
  await clock.advance(PROBE_MS);
  expect(await first).toEqual(['disk']);
  const second = probe.missing();
  await clock.advance(PROBE_MS);
  expect(await second).toEqual(['disk']);
  expect(begun).toHaveLength(1);
  for (const end of begun) end();
  expect(await probe.missing()).toEqual([]);
});
