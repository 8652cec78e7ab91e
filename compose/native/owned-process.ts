import { spawn, spawnSync } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Command } from './command';

const LOG_TAIL_LINES = 15;
const END_POLL_MS = 25;

/** Fields of /proc/PID/stat after the program's name, which may hold spaces itself. */
const STATE_FIELD = 0;
const THREADS_FIELD = 17;
const START_TIME_FIELD = 19;

const BOOT_ID_FILE = '/proc/sys/kernel/random/boot_id';

/** A process id may be reused; together with the start time it identifies one process. */
interface Identity {
  readonly pid: number;
  readonly startedAt: string;
}

/** One background process, which later runs of this program find by a file in its folder. */
export class OwnedProcess {
  private readonly file: string;
  readonly log: string;

  constructor(private readonly folder: string) {
    this.file = join(folder, 'process.json');
    this.log = join(folder, 'server.log');
  }

  /** The process id, while the process that was started here still runs. */
  get pid(): number | undefined {
    const saved = this.saved();
    return saved && startTimeOf(saved.pid) === saved.startedAt ? saved.pid : undefined;
  }

  /** Starts it with its output in the log; if `detached`, it continues after a Ctrl-C. */
  start(command: Command, detached: boolean): void {
    const out = openSync(this.log, 'a');
    const stdio: ['ignore', number, number] = ['ignore', out, out];
    const env = { ...process.env, ...command.env };
    const options = { cwd: this.folder, detached, env, stdio };
    try {
      const child = spawn(command.file, command.args, options);
      // The missing process id below reports a program that cannot be started.
      child.on('error', () => {});
      child.unref();
      if (child.pid === undefined) throw new Error(`can't run ${command.file}`);
      const identity: Identity = { pid: child.pid, startedAt: startTimeOf(child.pid) ?? '' };
      writeFileSync(this.file, JSON.stringify({ ...identity, training: command.training }));
    } finally {
      closeSync(out);
    }
  }

  /** Signals it, if it is still the process that was started here. */
  signal(signal: NodeJS.Signals): void {
    const { pid } = this;
    if (pid !== undefined) process.kill(pid, signal);
  }

  /** Whether it ended within that time. */
  async ended(withinMs: number): Promise<boolean> {
    const giveUpAt = performance.now() + withinMs;
    while (this.pid !== undefined) {
      if (performance.now() > giveUpAt) return false;
      await sleep(END_POLL_MS);
    }
    return true;
  }

  /** The class archive that its last start writes at a clean end. */
  get training(): Command['training'] {
    return this.saved()?.training;
  }

  /** Deletes the file that identifies the process, after it has ended. */
  removeRecord(): void {
    rmSync(this.file, { force: true });
  }

  /** The last lines of its log, for a message about its failure. */
  logTail(): string {
    if (!existsSync(this.log)) return '';
    return readFileSync(this.log, 'utf8').trimEnd().split('\n').slice(-LOG_TAIL_LINES).join('\n');
  }

  private saved(): (Identity & Pick<Command, 'training'>) | undefined {
    try {
      return JSON.parse(readFileSync(this.file, 'utf8'));
    } catch {
      return undefined;
    }
  }
}

function startTimeOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return startTimeByPs(pid);
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    // An ended process is listed until its parent reads its status. While some of its threads have
    // not ended, it still holds its ports.
    if (fields[STATE_FIELD] === 'Z' && Number(fields[THREADS_FIELD]) <= 1) return undefined;
    // The time counts from the machine's boot, so the boot's id is added.
    return `${fields[START_TIME_FIELD]} ${readFileSync(BOOT_ID_FILE, 'utf8').trim()}`;
  } catch {
    return undefined;
  }
}

function startTimeByPs(pid: number): string | undefined {
  const { status, stdout } = spawnSync('ps', ['-o', 'lstart=', '-p', String(pid)]);
  return status === 0 ? stdout.toString().trim() : undefined;
}
