import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { pause } from '../../end-to-end/api';

const POLL_MS = 50;
const START_MS = 60_000;
const END_MS = 10_000;

/** A program with its own process group, so that what it starts ends with it. */
export class Child {
  private output = '';
  private readonly child: ChildProcess;
  private readonly closed: Promise<unknown>;

  constructor(command: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
    this.child = spawn(command, args, {
      detached: true,
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.closed = once(this.child, 'close').catch((error) => {
      this.output += error;
    });
    for (const stream of [this.child.stdout, this.child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk;
      });
    }
  }

  /** Waits until `check` gives a value for the output so far, or rejects with the output. */
  async until<T>(check: (output: string) => T | undefined | Promise<T | undefined>): Promise<T> {
    const signal = AbortSignal.timeout(START_MS);
    for (;;) {
      const found = await check(this.output);
      if (found !== undefined) return found;
      if (signal.aborted || this.child.exitCode !== null) {
        throw new Error(`${this.child.spawnargs.join(' ')} does not start\n${this.output}`);
      }
      await pause(POLL_MS);
    }
  }

  /** Ends the group. */
  async end(): Promise<void> {
    this.kill('SIGTERM');
    const timer = setTimeout(() => this.kill('SIGKILL'), END_MS);
    await this.closed;
    clearTimeout(timer);
  }

  private kill(signal: NodeJS.Signals): void {
    if (this.child.pid === undefined || this.child.exitCode !== null) return;
    process.kill(-this.child.pid, signal);
  }
}
