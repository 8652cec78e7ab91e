import { setTimeout as pause } from 'node:timers/promises';

const RESTART_AFTER_MS = 1_000;
const START_WITHIN_MS = 60_000;
const MAX_LINE_CHARS = 600;

/** A role's process, as the supervisor uses it. */
export interface Supervised {
  readonly role: string;
  /** Its standard error so far. */
  readonly output: string;
  /** Whether it was started, and `end` was not called since. */
  readonly isWanted: boolean;
  onExit: ((code: number | null) => void) | undefined;
  start(): Promise<void>;
}

/** A process that ended by itself. */
export interface UnexpectedEnd {
  readonly role: string;
  readonly code: number | null;
  /** The last line that it wrote. */
  readonly line: string;
}

/** Restarts roles that end by themselves, as an orchestrator does. */
export class Supervisor {
  readonly ends: UnexpectedEnd[] = [];
  private isOver = false;

  constructor(
    private readonly roles: readonly Supervised[],
    private readonly restartAfterMs = RESTART_AFTER_MS,
  ) {}

  /** Begins to watch. */
  watch(): void {
    for (const role of this.roles) {
      role.onExit = (code) => {
        this.note(role, code);
        void this.restart(role);
      };
    }
  }

  /** Starts a process, repeatedly if it ends during its start; rejects with its last error. */
  async start(role: Supervised): Promise<void> {
    const giveUpAt = performance.now() + START_WITHIN_MS;
    for (;;) {
      try {
        await role.start();
        return;
      } catch (error) {
        if (this.isOver || !role.isWanted || performance.now() > giveUpAt) throw error;
        this.note(role, null);
        await pause(this.restartAfterMs);
      }
    }
  }

  /** Ends the watch. */
  stop(): void {
    this.isOver = true;
    for (const role of this.roles) role.onExit = undefined;
  }

  private async restart(role: Supervised): Promise<void> {
    await pause(this.restartAfterMs);
    if (this.isOver || !role.isWanted) return;
    // Its last line is recorded; the probes show the effect of its absence.
    await this.start(role).catch(() => undefined);
  }

  private note({ output, role }: Supervised, code: number | null): void {
    this.ends.push({ role, code, line: lastLineOf(output) });
  }
}

/** Node writes this line after an error that nothing caught, behind its stack. */
const NODE_LINE = /^Node\.js v/;

/** The last line that is not empty; for an uncaught error, the error and where it was thrown. */
export function lastLineOf(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  const last = lines.at(-1) ?? '';
  return (NODE_LINE.test(last) ? uncaughtErrorIn(lines) : last).slice(0, MAX_LINE_CHARS);
}

function uncaughtErrorIn(lines: readonly string[]): string {
  const frame = lines.findLastIndex((line) => /^\s+at /.test(line));
  let first = frame;
  while (/^\s+at /.test(lines[first - 1] ?? '')) first -= 1;
  return lines
    .slice(Math.max(0, first - 1), frame + 1)
    .map((line) => line.trim())
    .join(' ');
}
