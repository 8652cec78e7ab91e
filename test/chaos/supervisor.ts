import { setTimeout as pause } from 'node:timers/promises';

const RESTART_AFTER_MS = 1_000;
const START_WITHIN_MS = 60_000;
const MAX_LINE_CHARS = 300;

/** What is supervised of a role's process. */
export interface Supervised {
  readonly role: string;
  /** What it wrote to its standard error. */
  readonly output: string;
  /** Whether it was started, and not asked to end since. */
  readonly isWanted: boolean;
  onExit: ((code: number | null) => void) | undefined;
  start(): Promise<void>;
}

/** A process that ended although nothing had asked it to. */
export interface UnexpectedEnd {
  readonly role: string;
  readonly code: number | null;
  /** The last line that it wrote. */
  readonly line: string;
}

/** Starts roles again that end by themselves, as an orchestrator does. */
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

  /** Starts one, again and again if it ends while it starts; rejects with its last words. */
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
    // What it says is noted; the probes show what its absence means.
    await this.start(role).catch(() => undefined);
  }

  private note({ output, role }: Supervised, code: number | null): void {
    this.ends.push({ role, code, line: lastLineOf(output) });
  }
}

/** The last line that says something. */
export function lastLineOf(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return (lines.at(-1) ?? '').slice(0, MAX_LINE_CHARS);
}
