import { BoundedMap } from './bounded-map';
import type { Clock } from './clock';

/** The time between two lines of the same kind of failure. */
export const LINE_EVERY_MS = 1_000;

/** If a kind did not occur for this long, its next line has the stack again. */
export const FORGET_MS = 60_000;

/** Kinds of failures kept; beyond them, the kind whose last failure is oldest is evicted. */
export const MAX_KINDS = 256;

/** The fields of a failure's log line. */
export interface FailureLine {
  /** The error with its stack, only in the first line of a kind. */
  readonly err?: unknown;
  /** The error in a few words, in later lines. */
  readonly why?: string;
  /** The number of failures of this kind without a line since the last line. */
  readonly suppressed?: number;
}

interface Kind {
  lineAt: number;
  seenAt: number;
  suppressed: number;
}

const MAX_WHY_CHARS = 200;

/**
 * Limits the log lines of failures. Under load every request may fail, and a stack for each would
 * fill the disk and slow the process. Metrics still count every failure.
 */
export class FailureLines {
  /** By `doing` and code, in the order of their last failures. */
  private readonly kinds = new BoundedMap<string, Kind>(MAX_KINDS);

  constructor(private readonly clock: Clock) {}

  /** The line to write for a failure; undefined if it is to be suppressed. */
  next(doing: string, code: string, error: unknown): FailureLine | undefined {
    const now = this.clock.monotonic();
    const name = `${doing} ${code}`;
    const kind = this.kinds.get(name);
    if (!kind || now - kind.seenAt > FORGET_MS) {
      this.kinds.set(name, { lineAt: now, seenAt: now, suppressed: 0 });
      return { err: error, ...suppressedOf(kind) };
    }
    const isDue = now - kind.lineAt >= LINE_EVERY_MS;
    const line = isDue ? { why: why(error), ...suppressedOf(kind) } : undefined;
    const lineAt = isDue ? now : kind.lineAt;
    this.kinds.set(name, { lineAt, seenAt: now, suppressed: isDue ? 0 : kind.suppressed + 1 });
    return line;
  }
}

function suppressedOf(kind: Kind | undefined): { suppressed?: number } {
  return kind && kind.suppressed > 0 ? { suppressed: kind.suppressed } : {};
}

function why(error: unknown): string {
  return String(error).slice(0, MAX_WHY_CHARS);
}
