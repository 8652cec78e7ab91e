import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Redis, type RedisOptions } from 'ioredis';
import { type Install, install } from '../../compose/native/install';
import { SILENT } from '../../compose/native/progress';
import { redisBinary } from '../../compose/native/redis';
import { eventually } from '../end-to-end/api';
import { freePort } from '../end-to-end/server';

const START_MS = 20_000;

let installed: Promise<Install> | undefined;

/** The Redis of `REDIS_SERVER`, or the one of the native stack. */
async function binary(): Promise<string> {
  const { REDIS_SERVER } = process.env;
  if (REDIS_SERVER) return REDIS_SERVER;
  installed ??= install(SILENT);
  return redisBinary(await installed);
}

export interface RedisProcessOptions {
  /** The lines of its configuration, besides port and folder. */
  readonly lines: readonly string[];
  /** Whether it is a Sentinel. */
  readonly isSentinel?: boolean;
  /** How its plain client logs in. */
  readonly login?: RedisOptions;
  /** Where it listens; on a free port if not given. */
  readonly port?: number;
}

/** A Redis server or a Sentinel with a configuration of its own. */
export class RedisProcess {
  private readonly folder = mkdtempSync(join(tmpdir(), 'likestream-redis-'));
  private child: ChildProcess | undefined;
  private client: Redis | undefined;

  private constructor(
    private readonly file: string,
    readonly port: number,
    private readonly options: RedisProcessOptions,
  ) {}

  static async start(options: RedisProcessOptions): Promise<RedisProcess> {
    const port = options.port ?? (await freePort());
    const one = new RedisProcess(await binary(), port, options);
    try {
      await one.start();
      return one;
    } catch (error) {
      const { log } = one;
      await one.end();
      throw new Error(`Redis does not start: ${error}\n${log}`);
    }
  }

  get address(): string {
    return `127.0.0.1:${this.port}`;
  }

  /** A client with all rights. */
  get admin(): Redis {
    this.client ??= new Redis({ port: this.port, ...this.options.login }).on('error', ignore);
    return this.client;
  }

  /** Starts it again, with its port and data; Redis may have changed its own configuration. */
  async start(): Promise<void> {
    const { isSentinel, lines } = this.options;
    const configuration = join(this.folder, 'redis.conf');
    if (!readdirSync(this.folder).includes('redis.conf')) {
      const ports = lines.some((line) => line.startsWith('tls-port'))
        ? lines.map((line) => line.replace(/^tls-port$/, `tls-port ${this.port}`))
        : [`port ${this.port}`, ...lines];
      const all = ['bind 127.0.0.1', `dir "${this.folder}"`, ...ports];
      writeFileSync(configuration, `${all.join('\n')}\n`);
    }
    const args = [configuration, ...(isSentinel ? ['--sentinel'] : [])];
    this.child = spawn(this.file, [...args, '--logfile', join(this.folder, 'log')]);
    const { child } = this;
    await eventually(async () => {
      if (child.exitCode !== null) throw new Error(this.log);
      await this.admin.ping();
    }, START_MS);
  }

  get log(): string {
    return readFileSync(join(this.folder, 'log'), 'utf8');
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  async kill(): Promise<void> {
    const { child } = this;
    if (!child || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGKILL');
    await ended;
  }

  /** Ends it and deletes its data. */
  async end(): Promise<void> {
    this.client?.disconnect();
    await this.kill();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

/** The listener of a client that reports its failures by its commands. */
export function ignore(): void {}
