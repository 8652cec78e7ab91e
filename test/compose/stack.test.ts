import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HOST } from '../../compose/native/host';
import { NativeStack } from '../../compose/native/native-stack';
import { OwnedProcess } from '../../compose/native/owned-process';
import { PARTS } from '../../compose/native/part-names';
import { eventually } from '../end-to-end/api';
import { MEMORIES } from './clients';

/** The first run on a machine fetches 160 MB. */
const START_TIMEOUT_MS = 300_000;
const TEST_TIMEOUT_MS = 120_000;
const GONE_MS = 10_000;

const folder = mkdtempSync(join(tmpdir(), 'likestream-stack-'));
const stack = new NativeStack({ folder });

beforeAll(() => stack.start(), START_TIMEOUT_MS);

afterAll(async () => {
  await stack.reset();
  rmSync(folder, { recursive: true, force: true });
}, TEST_TIMEOUT_MS);

async function answering(): Promise<boolean[]> {
  return (await stack.status()).map(({ isReady }) => isReady);
}

describe('a native stack', () => {
  test('answers on all its addresses', async () => {
    expect(await answering()).toEqual([true, true, true]);
  });

  test(
    'keeps its data when each part is killed and started again',
    async () => {
      for (const part of PARTS) await MEMORIES[part].write(stack.addresses, `in ${part}`);
      const before = stack.addresses;
      await Promise.all(PARTS.map((part) => stack.kill(part, 'SIGKILL')));
      expect(await answering()).toEqual([false, false, false]);
      await Promise.all(PARTS.map((part) => stack.start(part)));
      expect(stack.addresses).toEqual(before);
      for (const part of PARTS) {
        expect(await MEMORIES[part].read(stack.addresses)).toBe(`in ${part}`);
      }
    },
    TEST_TIMEOUT_MS,
  );

  test('does not answer while it is suspended, and continues afterwards', async () => {
    await stack.kill('redis', 'SIGSTOP');
    expect(await answering()).toEqual([true, true, false]);
    await stack.kill('redis', 'SIGCONT');
    expect(await answering()).toEqual([true, true, true]);
  });

  test('is the same stack for another program, and starting it twice is harmless', async () => {
    const other = new NativeStack({ folder });
    const before = await stack.status();
    await other.start();
    expect(await other.status()).toEqual(before);
  });

  test('batches the commit log of Cassandra', () => {
    const settings = readFileSync(join(folder, 'cassandra', 'cassandra.yaml'), 'utf8');
    expect(settings).toMatch(/^commitlog_sync: batch$/m);
  });
});

describe('a native stack beside others', () => {
  test('runs at the same time as another one', async () => {
    const second = new NativeStack({ folder: join(folder, 'second') });
    await second.start('redis');
    expect(second.addresses.redis).not.toBe(stack.addresses.redis);
    await MEMORIES.redis.write(second.addresses, 'elsewhere');
    expect(await MEMORIES.redis.read(stack.addresses)).toBe('in redis');
    await second.reset();
    expect(existsSync(second.folder)).toBe(false);
  });

  test('reports a taken port before any part starts', async () => {
    const server = createServer();
    const taken = await new Promise<number>((resolve) => {
      server.listen(0, HOST, () => resolve((server.address() as { port: number }).port));
    });
    const hindered = new NativeStack({ folder: join(folder, 'third'), ports: { redis: taken } });
    await expect(hindered.start()).rejects.toThrow(
      `port ${taken} for Redis is taken by another program`,
    );
    expect(existsSync(hindered.folder)).toBe(false);
    server.close();
  });

  test(
    'ends all its processes',
    async () => {
      const pids = (await stack.status()).map(({ running }) => Number(running?.split(' ')[1]));
      await stack.stop();
      expect(pids.every((pid) => pid > 0)).toBe(true);
      for (const pid of pids) await gone(pid);
      expect((await stack.status()).map(({ running }) => running)).toEqual(
        PARTS.map(() => undefined),
      );
    },
    TEST_TIMEOUT_MS,
  );
});

test('does not signal a process that reuses the id of an ended one', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'likestream-process-'));
  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
  const saved = { pid: stranger.pid, startedAt: 'another time' };
  writeFileSync(join(folder, 'process.json'), JSON.stringify(saved));
  const owned = new OwnedProcess(folder);
  expect(owned.pid).toBeUndefined();
  owned.signal('SIGKILL');
  expect(stranger.kill(0)).toBe(true);
  stranger.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
});

/** Resolves when a process no longer exists. */
function gone(pid: number): Promise<void> {
  return eventually(() => expect(isListed(pid)).toBe(false), GONE_MS);
}

function isListed(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}
