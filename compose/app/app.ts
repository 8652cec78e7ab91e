import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from '../native/command';
import { ROOT } from '../native/folders';
import { HOST } from '../native/host';
import { OwnedProcess } from '../native/owned-process';
import { requireFreePort } from '../native/ports';
import type { Progress } from '../native/progress';
import type { PartStatus } from '../native/stack';
import { chooseDoor } from './door';
import { type AppMember, type AppPlan, makePlan, savedPlan } from './plan';

const MAIN = join(ROOT, 'dist', 'main.js');
const DEFAULT_DOOR_PORT = 8_080;
const READY_MS = 60_000;
const END_MS = 20_000;
const POLL_MS = 100;
const ANSWER_MS = 1_000;

/** The variables that hold the addresses of servers. */
type Environment = Readonly<Record<string, string>>;

/** One process of the app, and the URL that shows whether it is ready. */
interface AppProcess {
  readonly name: string;
  readonly port: number;
  readonly process: OwnedProcess;
  readonly readyUrl: string;
  readonly command: () => Command;
}

/** Two of each role behind one proxy, the door, as background processes on a stack's servers. */
export class App {
  readonly folder: string;

  constructor(
    stackFolder: string,
    private readonly progress: Progress,
    /** `node` uses our own proxy even if nginx is installed. */
    private readonly door: 'any' | 'node' = 'any',
  ) {
    this.folder = join(stackFolder, 'app');
  }

  /**
   * Starts the processes that do not run, and waits until all are ready. Without `doorPort` the
   * door keeps its last port, or gets the default port of the datacenter with index `at`.
   */
  async start(environment: Environment, doorPort?: number, at = 0): Promise<AppPlan> {
    const plan = await this.plan(doorPort, at);
    const all = this.processes(plan, environment);
    const [door] = all.slice(-1);
    if (door?.process.pid === undefined)
      await requireFreePort('the door', plan.doorPort, '--door-port');
    const missing = new Set(all.filter(({ process }) => process.pid === undefined));
    for (const each of missing) this.startOne(each);
    for (const each of all) await this.ready(each, missing.has(each));
    this.progress.done(`two of each role are ready behind http://localhost:${plan.doorPort}/`);
    return plan;
  }

  /** Ends all processes; the door first, so that no request reaches a process that is ending. */
  async stop(): Promise<void> {
    const plan = savedPlan(this.folder);
    if (!plan) return;
    const all = this.processes(plan).filter(({ process }) => process.pid !== undefined);
    for (const each of all.reverse()) {
      this.progress.now(`stopping ${each.name}`);
      each.process.signal('SIGTERM');
      if (!(await each.process.ended(END_MS))) each.process.signal('SIGKILL');
      each.process.removeRecord();
    }
    if (all.length > 0) this.progress.done('the app has stopped');
  }

  /** Ends all processes, and deletes their ports and keys. */
  async reset(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Signals one process, by its name: `frontend-1`, `door`. */
  signal(name: string, signal: NodeJS.Signals): void {
    const plan = savedPlan(this.folder);
    const found = plan && this.processes(plan).find((each) => each.name === name);
    if (!found) throw new Error(`the app has no ${name}`);
    found.process.signal(signal);
  }

  /** The status of each process; none without an app. */
  async status(): Promise<PartStatus[]> {
    const plan = savedPlan(this.folder);
    const all = plan ? this.processes(plan) : [];
    return Promise.all(
      all.map(async ({ name, port, process, readyUrl }) => ({
        title: name,
        address: `${HOST}:${port}`,
        running: process.pid === undefined ? undefined : `process ${process.pid}`,
        isReady: process.pid !== undefined && (await isAnswering(readyUrl)),
        log: process.log,
      })),
    );
  }

  private async plan(doorPort: number | undefined, at: number): Promise<AppPlan> {
    const saved = savedPlan(this.folder);
    if (saved && (doorPort === undefined || saved.doorPort === doorPort)) return saved;
    if (saved) await this.stop();
    return makePlan(this.folder, doorPort ?? DEFAULT_DOOR_PORT + at);
  }

  private processes(plan: AppPlan, environment: Environment = {}): AppProcess[] {
    const roles = plan.members.map((member) => ({
      ...this.process(member.name, member.port),
      readyUrl: `http://${HOST}:${member.adminPort}/health/ready`,
      command: () => roleCommand(plan, member, environment),
    }));
    const door = this.process('door', plan.doorPort);
    const command = (): Command => chooseDoor(this.door, join(this.folder, 'door'), plan);
    return [...roles, { ...door, readyUrl: `http://${HOST}:${plan.doorPort}/`, command }];
  }

  private process(name: string, port: number): Pick<AppProcess, 'name' | 'port' | 'process'> {
    const folder = join(this.folder, name);
    mkdirSync(folder, { recursive: true });
    return { name, port, process: new OwnedProcess(folder) };
  }

  private startOne({ command, name, process }: AppProcess): void {
    this.progress.now(`starting ${name}`);
    process.start(command(), true);
  }

  private async ready(each: AppProcess, isNew: boolean): Promise<void> {
    const { name, process, readyUrl } = each;
    const giveUpAt = performance.now() + READY_MS;
    let isOurs = isNew;
    while (!(await isAnswering(readyUrl))) {
      if (process.pid === undefined) {
        if (isOurs) throw new Error(`${name} ended while starting:\n${process.logTail()}`);
        // It ran when the start began, and has ended since.
        this.startOne(each);
        isOurs = true;
      }
      if (performance.now() > giveUpAt) throw new Error(`${name} is not ready: see ${process.log}`);
      this.progress.now(`waiting for ${name}`);
      await sleep(POLL_MS);
    }
  }
}

function roleCommand(plan: AppPlan, member: AppMember, environment: Environment): Command {
  const env = {
    // Load programs send as one member what many would.
    LIMITS: 'off',
    ...environment,
    ROLE: member.role,
    PORT: String(member.port),
    ADMIN_PORT: String(member.adminPort),
    JWT_SECRET: plan.jwtSecret,
    SERVICE_SECRET: plan.serviceSecret,
  };
  return { file: process.execPath, args: [MAIN], env };
}

async function isAnswering(url: string): Promise<boolean> {
  try {
    const { ok, body } = await fetch(url, { signal: AbortSignal.timeout(ANSWER_MS) });
    await body?.cancel();
    return ok;
  } catch {
    return false;
  }
}
