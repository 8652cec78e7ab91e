import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { freePort, ROOT } from '../end-to-end/server';

// The compiled file is in `dist` itself.
const MAIN = [join(ROOT, 'dist', 'main.js'), join(ROOT, 'main.js')].find(existsSync) ?? '';
/** The end of its output that is kept. */
const MAX_OUTPUT_CHARS = 1_000_000;

/** A dispatcher of a new installation creates all topics and tables first. */
const START_MS = 180_000;

const WELCOME = /is running[\s\S]*metrics\s+(\S+)\/metrics/;

export type Role = 'producer' | 'dispatcher' | 'frontend';

/** One role, or the two public roles in one process. */
type Roles = Role | 'producer,frontend';

/** A process with one role, on the servers of its environment. */
export class RoleProcess {
  private child: ChildProcess | undefined;
  /** The URL of its admin port. */
  adminUrl = '';
  /** Called with the exit code if the process ends without a call of `end`. */
  onExit: ((code: number | null) => void) | undefined;
  private outputEnd = '';
  private starting: Promise<void> | undefined;

  private constructor(
    readonly role: Roles,
    readonly port: number,
    private env: Readonly<Record<string, string>>,
    private readonly main: string,
  ) {}

  /** Starts a role of this build, or of another checkout's. */
  static async start(
    role: Roles,
    env: Readonly<Record<string, string>>,
    checkout?: string,
  ): Promise<RoleProcess> {
    const main = checkout === undefined ? MAIN : join(checkout, 'dist', 'main.js');
    const process = new RoleProcess(role, await freePort(), env, main);
    await process.start();
    return process;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  /** Its standard error so far. */
  get output(): string {
    return this.outputEnd;
  }

  /** Whether it was started and `end` was not called since. */
  get isWanted(): boolean {
    return this.child !== undefined;
  }

  get isRunning(): boolean {
    return this.child !== undefined && !hasEnded(this.child);
  }

  get pid(): number | undefined {
    return this.child?.pid;
  }

  /** Starts it on its previous port, unless it runs; resolves when it is ready. */
  start(): Promise<void> {
    if (this.isRunning && this.starting) return this.starting;
    this.starting = this.spawn();
    return this.starting;
  }

  private async spawn(): Promise<void> {
    const { PATH = '' } = process.env;
    const own = { ROLE: this.role, PORT: String(this.port), ADMIN_PORT: '0', LOG_LEVEL: 'warn' };
    // One member sends what many would.
    const limits = { LIMITS: 'off' };
    const env = { PATH, ...own, ...limits, ...this.env };
    const child = spawn(process.execPath, [this.main], { env });
    this.child = child;
    child.stderr.on('data', (chunk: Buffer) => {
      this.outputEnd = `${this.outputEnd}${chunk}`.slice(-MAX_OUTPUT_CHARS);
    });
    await new Promise<void>((resolve, reject) => {
      const late = setTimeout(() => reject(new Error(`${this.role}: ${this.outputEnd}`)), START_MS);
      let welcome = '';
      child.stdout.on('data', (chunk: Buffer) => {
        welcome += chunk;
        const [, adminUrl] = WELCOME.exec(welcome) ?? [];
        if (adminUrl === undefined) return;
        this.adminUrl = adminUrl;
        clearTimeout(late);
        child.once('exit', (code) => {
          if (this.child === child) this.onExit?.(code);
        });
        resolve();
      });
      child.once('exit', () => {
        clearTimeout(late);
        reject(new Error(`${this.role} ended: ${this.outputEnd}`));
      });
    });
  }

  /** Ends it by SIGTERM, and starts it again on its port with some other settings. */
  async restart(more: Readonly<Record<string, string>>): Promise<void> {
    await this.end('SIGTERM');
    this.env = { ...this.env, ...more };
    await this.start();
  }

  /** Resolves with the end of its output when it ends by itself. */
  lastWords(): Promise<string> {
    return new Promise((resolve) => this.child?.once('close', () => resolve(this.outputEnd)));
  }

  signal(signal: NodeJS.Signals): void {
    this.child?.kill(signal);
  }

  /** Ends it; resolves with its exit code. */
  async end(signal: NodeJS.Signals): Promise<number | null> {
    const { child } = this;
    this.child = undefined;
    if (!child || hasEnded(child)) return child?.exitCode ?? null;
    return new Promise((resolve) => {
      child.once('exit', (code) => resolve(code));
      child.kill(signal);
    });
  }
}

function hasEnded({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}
