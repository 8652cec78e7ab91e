import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { HOST } from './host';
import { keepArchive } from './jvm';
import { OwnedProcess } from './owned-process';
import type { PartName } from './part-names';
import { type Ports, type PublicPorts, requireFreePort } from './ports';
import type { Progress } from './progress';
import type { LaunchContext, ServerPart } from './server-part';
import type { PartStatus } from './stack';

const ANSWER_POLL_MS = 100;
const START_TIMEOUT_MS = 120_000;
const STOP_TIMEOUT_MS = 60_000;
const KILL_TIMEOUT_MS = 10_000;

/** One part of a stack and its process: start, stop, kill, status. */
export class RunningPart {
  readonly folder: string;
  private readonly process: OwnedProcess;
  private starting: Promise<void> | undefined;

  constructor(
    private readonly part: ServerPart,
    stackFolder: string,
    private readonly progress: Progress,
  ) {
    this.folder = join(stackFolder, part.folder);
    this.process = new OwnedProcess(this.folder);
  }

  get name(): PartName {
    return this.part.name;
  }

  get listens(): ServerPart['listens'] {
    return this.part.listens;
  }

  get isRunning(): boolean {
    return this.process.pid !== undefined;
  }

  /** Throws an Error with advice if another program has one of its ports. */
  async requireFreePorts(ports: Ports): Promise<void> {
    for (const name of this.part.listens) await requireFreePort(this.part.title, ports[name]);
  }

  /** Starts it, unless it runs, and waits until it answers. */
  start(context: LaunchContext, detached: boolean): Promise<void> {
    this.starting ??= this.startOnce(context, detached).finally(() => {
      this.starting = undefined;
    });
    return this.starting;
  }

  /** Ends it cleanly; kills it if that takes too long. */
  async stop(): Promise<void> {
    if (!this.isRunning) return;
    const { title } = this.part;
    this.progress.now(`stopping ${title}`);
    this.process.signal('SIGTERM');
    // A suspended process must continue in order to handle SIGTERM.
    this.process.signal('SIGCONT');
    if (await this.process.ended(STOP_TIMEOUT_MS)) {
      const { training } = this.process;
      if (training) keepArchive(training);
      this.process.removeRecord();
      this.progress.done(`${title} has stopped`);
    } else {
      await this.kill('SIGKILL');
      this.progress.done(`${title} did not stop by itself and was killed`);
    }
  }

  /** Signals it; after SIGKILL it has ended when this returns. */
  async kill(signal: NodeJS.Signals): Promise<void> {
    if (!this.isRunning) throw new Error(`${this.part.title} doesn't run`);
    this.process.signal(signal);
    if (signal !== 'SIGKILL') return;
    if (!(await this.process.ended(KILL_TIMEOUT_MS))) {
      throw new Error(`${this.part.title} does not end, not even by SIGKILL`);
    }
    this.process.removeRecord();
  }

  /** Its status. */
  async status(ports: PublicPorts | undefined): Promise<PartStatus> {
    const { pid, log } = this.process;
    return {
      title: this.part.title,
      address: ports && this.addressOn(ports),
      running: pid === undefined ? undefined : `process ${pid}`,
      isReady: pid !== undefined && ports !== undefined && (await this.part.isReady(ports)),
      log,
    };
  }

  private async startOnce(context: LaunchContext, detached: boolean): Promise<void> {
    const { title } = this.part;
    const wasRunning = this.isRunning;
    if (!wasRunning) {
      this.progress.now(`starting ${title}`);
      mkdirSync(this.folder, { recursive: true });
      await this.part.prepare(context);
      this.process.start(this.part.command(context), detached);
    }
    await this.answering(context.ports);
    const where = this.addressOn(context.ports);
    this.progress.done(`${title} ${wasRunning ? 'was up already' : 'answers'} on ${where}`);
  }

  private addressOn(ports: PublicPorts): string {
    const [port] = this.part.listens;
    return `${HOST}:${ports[port]}`;
  }

  private async answering(ports: PublicPorts): Promise<void> {
    const { title } = this.part;
    const giveUpAt = performance.now() + START_TIMEOUT_MS;
    while (!(await this.part.isReady(ports))) {
      if (!this.isRunning) {
        throw new Error(`${title} ended while starting:\n${this.process.logTail()}`);
      }
      if (performance.now() > giveUpAt) {
        throw new Error(`${title} runs but does not answer: see ${this.process.log}`);
      }
      this.progress.now(`waiting for ${title}`);
      await sleep(ANSWER_POLL_MS);
    }
  }
}
