import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DockerStack } from '../../compose/docker-stack';
import { freePorts } from '../../compose/native/ports';
import { SILENT } from '../../compose/native/progress';

const folder = mkdtempSync(join(tmpdir(), 'likestream-docker-'));
const calls = join(folder, 'calls');
const { PATH } = process.env;

/** A fake Docker: records its arguments, and does nothing. */
const FAKE = `#!/bin/sh
shift 3
echo "$LIKESTREAM_REDIS_PORT $*" >> '${calls}'
`;

beforeAll(() => {
  writeFileSync(join(folder, 'docker'), FAKE, { mode: 0o755 });
  process.env.PATH = `${folder}:${PATH}`;
});
afterAll(() => {
  process.env.PATH = PATH;
  rmSync(folder, { recursive: true });
});

test('starts only the servers of compose.yaml, and stops the whole project', async () => {
  const [kafka = 0, cassandra = 0, redis = 0] = await freePorts(3, []);
  const stack = new DockerStack(folder, { kafka, cassandra, redis }, SILENT);
  await expect(stack.start()).rejects.toThrow('Kafka does not answer');
  await stack.stop();
  await stack.reset();
  expect(readFileSync(calls, 'utf8').trim().split('\n')).toEqual(
    [
      'ps --services --status running',
      'up --detach --wait kafka cassandra redis',
      '--profile * down',
      '--profile * down --volumes',
    ].map((call) => `${redis} ${call}`),
  );
});
