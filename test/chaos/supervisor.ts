import { setTimeout as pause } from 'node:timers/promises';
import type { RoleProcess } from '../stack/role-process';

const RESTART_AFTER_MS = 1_000;
const START_WITHIN_MS = 60_000;
const MAX_LINE_CHARS = 300;

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

  constructor(private readonly roles: readonly RoleProcess[]) {}

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
  async start(role: RoleProcess): Promise<void> {
    const giveUpAt = performance.now() + START_WITHIN_MS;
    for (;;) {
      try {
        await role.start();
        return;
      } catch (error) {
        if (this.isOver || !role.isWanted || performance.now() > giveUpAt) throw error;
        this.note(role, null);
        await pause(RESTART_AFTER_MS);
      }
    }
  }

  /** Ends the watch. */
  stop(): void {
    this.isOver = true;
    for (const role of this.roles) role.onExit = undefined;
  }

  private async restart(role: RoleProcess): Promise<void> {
    await pause(RESTART_AFTER_MS);
    if (this.isOver || !role.isWanted) return;
    // What it says is noted; the probes show what its absence means.
    await this.start(role).catch(() => undefined);
  }

  private note({ output, role }: RoleProcess, code: number | null): void {
    this.ends.push({ role, code, line: lastLineOf(output) });
  }
}

/** The last line that says something. */
export function lastLineOf(output: string): string {
  const lines = output.split('\n').filter((line) => line.trim() !== '');
  return (lines.at(-1) ?? '').slice(0, MAX_LINE_CHARS);
}
