import { createHash } from 'node:crypto';
import type { Clock } from '../../runtime/clock';

/**
 * The hash of a run's history: each message, each write to a disk and each frame, with its virtual
 * time. It covers values and no names from the code, so a rename or a move leaves it unchanged.
 */
export class Trace {
  private readonly hash = createHash('sha256');

  constructor(private readonly clock: Pick<Clock, 'now'>) {}

  /** Adds a message, a write or a frame to the history. */
  note(kind: 'message' | 'write' | 'frame', ...values: readonly unknown[]): void {
    // The order of an object's fields is not part of the history, so the values are sorted.
    const sorted = [...leavesOf(values)].sort().join('\n');
    this.hash.update(`${this.clock.now()} ${kind} ${sorted}\n\n`);
  }

  /** The hash of everything so far; nothing can be added after this call. */
  digest(): string {
    return this.hash.digest('hex');
  }
}

function* leavesOf(value: unknown): Iterable<string> {
  if (value === undefined || typeof value === 'function') return;
  if (value === null || typeof value !== 'object') yield String(value);
  else if (value instanceof Map || value instanceof Set) yield* leavesOf([...value]);
  else for (const each of Object.values(value)) yield* leavesOf(each);
}
