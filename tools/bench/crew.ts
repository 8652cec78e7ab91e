import { type ChildProcess, type StdioOptions, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from '../../compose/native/command';
import { identityOf, treeOf } from './proc';

const END_MS = 10_000;
const POLL_MS = 20;

/** The options of a process. */
export interface Manner {
  /** Its core; any if not given. */
  readonly core?: number;
  readonly folder?: string;
  /** A file for its output. */
  readonly log?: string;
  readonly stdio?: StdioOptions;
}

/** All processes that the bench has started; they end with the bench. */
export class Crew {
  private readonly children = new Set<ChildProcess>();
  private readonly endings = new Set<() => Promise<unknown>>();

  /** Starts a program; `ended` also resolves if it cannot run. */
  start(command: Command, { core, folder, log, stdio }: Manner = {}): ChildProcess {
    const pinned = core === undefined ? [] : ['taskset', '-c', String(core)];
    const [file = command.file, ...args] = [...pinned, command.file, ...command.args];
    const out = log === undefined ? undefined : openSync(log, 'a');
    const child = spawn(file, args, {
      cwd: folder,
      env: { ...process.env, ...command.env },
      stdio: stdio ?? ['ignore', out ?? 'ignore', out ?? 'ignore'],
    });
    if (out !== undefined) closeSync(out);
    this.children.add(child);
    child.once('error', () => this.children.delete(child));
    child.once('exit', () => this.children.delete(child));
    return child;
  }

  /** Ends a program and its children; kills them after a time limit. */
  async end(child: ChildProcess): Promise<void> {
    const { pid } = child;
    if (pid === undefined || !this.children.has(child)) return;
    const tree = treeOf(pid).map((each) => ({ each, identity: identityOf(each) }));
    kill(pid, 'SIGTERM');
    const giveUpAt = performance.now() + END_MS;
    while (this.children.has(child) && performance.now() < giveUpAt) await sleep(POLL_MS);
    // Children that outlive their parent are ended, too.
    for (const { each, identity } of tree) {
      if (identity !== undefined && identityOf(each) === identity) kill(each, 'SIGKILL');
    }
  }

  /** Registers something else to end; returns a function that ends it once. */
  adopt(end: () => Promise<unknown>): () => Promise<void> {
    const once = async (): Promise<void> => {
      if (this.endings.delete(once)) await end();
    };
    this.endings.add(once);
    return once;
  }

  /** Ends all that still run. */
  async endAll(): Promise<void> {
    await Promise.allSettled([...this.children].map((child) => this.end(child)));
    await Promise.allSettled([...this.endings].map((end) => end()));
  }

  /** Kills all, when the bench exits. */
  kill(): void {
    for (const { pid } of this.children) {
      if (pid !== undefined) for (const each of treeOf(pid).reverse()) kill(each, 'SIGKILL');
    }
  }
}

function kill(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // It has ended already.
  }
}
