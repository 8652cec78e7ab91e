import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from '../../compose/native/command';
import { HOST } from '../../compose/native/host';
import { freePorts } from '../../compose/native/ports';
import type { Crew } from './crew';
import { cpuSeconds, descriptors, mappedBytes, pssBytes, treeOf } from './proc';
import type { Target } from './target';

const START_MS = 60_000;
const POLL_MS = 50;
const PORTS = 4;
const LAST_WORDS = 1_500;
const COLLECTED_MS = 1_500;

/** The resources of a server. */
export interface Place {
  /** Its own new folder. */
  readonly folder: string;
  /** Free ports; viewers connect to the first one. */
  readonly ports: readonly [number, number, number, number];
}

/** The programs of a server and how to reach it. */
export interface Launch {
  /** The measured program; its children are measured, too. */
  readonly command: Command;
  /** Programs that it needs and that are not measured. */
  readonly beside?: Command;
  readonly target: Target;
}

/** A kind of measured server. */
export interface Kind {
  readonly name: string;
  readonly title: string;
  /** A command that installs it. */
  readonly installLine: string;
  isThere(): boolean;
  /** Runs the install line or an equivalent. */
  install(): void;
  launch(place: Place): Launch;
  /** Whether it keeps published messages in memory, which must not count as viewers' memory. */
  readonly remembers?: boolean;
  /** The viewers that it accepts a second, if that is a low number. */
  readonly connectRate?: number;
  /** The ids of processes that collect their garbage on SIGUSR2. */
  collecting?(tree: readonly number[]): readonly number[];
}

/** A running server. */
export class Server {
  private constructor(
    readonly kind: Kind,
    readonly target: Target,
    private readonly crew: Crew,
    private readonly children: readonly ChildProcess[],
    /** Its folder, which ends with it. */
    readonly folder: string,
    private readonly pid: number,
  ) {}

  /** Starts a server on one `core`, and waits until it accepts connections. */
  static async start(crew: Crew, kind: Kind, core?: number): Promise<Server> {
    const folder = mkdtempSync(join(tmpdir(), `likestream-bench-${kind.name}-`));
    const [a = 0, b = 0, c = 0, d = 0] = await freePorts(PORTS, []);
    const { beside, command, target } = kind.launch({ folder, ports: [a, b, c, d] });
    const log = join(folder, 'output.log');
    const others = beside ? [crew.start(beside, { core: core && 1 - core, folder, log })] : [];
    const child = crew.start(command, { core, folder, log });
    const server = new Server(kind, target, crew, [child, ...others], folder, child.pid ?? 0);
    try {
      for (const port of new Set([target.port, target.post.port])) await server.opens(port, log);
    } catch (error) {
      await server.end();
      throw error;
    }
    return server;
  }

  /** User and system time so far, s. */
  cpu(): number {
    return cpuSeconds(this.tree);
  }

  /** Proportional set size after a collection, bytes. */
  async memory(): Promise<number> {
    for (const pid of this.kind.collecting?.(this.tree) ?? []) process.kill(pid, 'SIGUSR2');
    await sleep(COLLECTED_MS);
    return pssBytes(this.tree);
  }

  /** The part of its memory in pages of files, bytes. */
  mapped(): number {
    return mappedBytes(this.tree);
  }

  descriptors(): number {
    return descriptors(this.tree);
  }

  async end(): Promise<void> {
    for (const child of this.children) await this.crew.end(child);
    rmSync(this.folder, { recursive: true, force: true });
  }

  private get tree(): number[] {
    return treeOf(this.pid);
  }

  private async opens(port: number, log: string): Promise<void> {
    const giveUpAt = performance.now() + START_MS;
    while (!(await isOpen(port))) {
      const [child] = this.children;
      if (child?.exitCode !== null || child.pid === undefined || performance.now() > giveUpAt) {
        const words = readFileSync(log, 'utf8').slice(-LAST_WORDS);
        throw new Error(`${this.kind.title} did not start:\n${words}`);
      }
      await sleep(POLL_MS);
    }
  }
}

/** Resolves with true once a port accepts connections; with false after a time limit. */
export async function portOpens(port: number): Promise<boolean> {
  const giveUpAt = performance.now() + START_MS;
  while (performance.now() < giveUpAt) {
    if (await isOpen(port)) return true;
    await sleep(POLL_MS);
  }
  return false;
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, HOST);
    socket.once('error', () => resolve(false));
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
  });
}
