import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { z } from 'zod';
import { ROOT } from '../../compose/native/folders';
import { post, tapId } from '../end-to-end/api';

const run = promisify(execFile);
const AGAIN_MS = 200;
const FILE = join(ROOT, 'compose', 'compose.yaml');
const OUTPUT_BYTES = 16 * 1024 * 1024;

const state = z.object({
  Pid: z.int(),
  ExitCode: z.int(),
  StartedAt: z.string(),
  Health: z.object({ Status: z.string() }),
});

/** Runs `docker compose` on both datacenters; resolves with what it prints. */
export async function compose(...args: string[]): Promise<string> {
  const all = ['compose', '--file', FILE, '--profile', 'dc2', ...args];
  return (await run('docker', all, { maxBuffer: OUTPUT_BYTES })).stdout;
}

/** The state of a service's container. */
export async function stateOf(service: string): Promise<z.infer<typeof state>> {
  const format = '{{json .State}}';
  const name = `likestream-${service}-1`;
  const { stdout } = await run('docker', ['inspect', '--format', format, name]);
  return state.parse(JSON.parse(stdout));
}

/**
 * Kills a container's process directly, as a crash would: a container that is killed through the
 * engine is not restarted.
 */
export async function crash(service: string): Promise<void> {
  const { Pid, StartedAt } = await stateOf(service);
  process.kill(Pid, 'SIGKILL');
  while ((await stateOf(service)).StartedAt === StartedAt) await sleep(AGAIN_MS);
}

/** The URL at which a port of a service's container is published: `http://127.0.0.1:…`. */
export async function urlOf(service: string, port: number): Promise<string> {
  return `http://${(await compose('port', service, String(port))).trim()}`;
}

/** Posts likes on one video until it is stopped; repeats each one until it is answered. */
export class Taps {
  readonly answered = new Set<string>();
  private isOver = false;
  private readonly running: Promise<void>;

  constructor(
    private readonly door: string,
    private readonly videoId: string,
    private readonly headers: Readonly<Record<string, string>>,
    private readonly gapMs: number,
  ) {
    this.running = this.run();
  }

  /** Stops; resolves once the last like is answered. */
  async stop(): Promise<void> {
    this.isOver = true;
    await this.running;
  }

  private async run(): Promise<void> {
    while (!this.isOver) {
      await this.tap(tapId());
      await sleep(this.gapMs);
    }
  }

  private async tap(likeId: string): Promise<void> {
    const { door, headers, videoId } = this;
    for (;;) {
      const answer = await post(door, videoId, { likeId }, { headers }).catch(() => undefined);
      if (answer && [200, 201].includes(answer.status)) break;
      if (answer && answer.status < 500) throw new Error(`${answer.status} ${answer.text}`);
      await sleep(AGAIN_MS);
    }
    this.answered.add(likeId);
  }
}
