import { type Now, STUCK_RETENTIONS } from './seen-ids';
import type { Position } from './source';

const CHECKPOINTS_PER_RETENTION = 16;

/** Where a successor begins. */
type Start = Omit<Position, 'done'>;

/** A place in the log, and what is known of all records before it. */
interface Checkpoint {
  readonly offset: number;
  readonly logTime: number | undefined;
  readonly monotonic: number;
  /** The log's time until which one of the ids before it is needed. */
  readonly neededUntil: number;
}

/**
 * Places in a partition's log, by which an owner finds where a successor has to begin reading to
 * know every id that is needed. Like ids, a checkpoint is passed by two clocks.
 */
export class Checkpoints {
  private readonly all: Checkpoint[] = [];
  private neededUntil = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly retentionMs: number,
    /** What is read from, and the log's time there, while nothing else is known. */
    private start: Start,
  ) {}

  /** Notes that an id of a record before the next checkpoint is needed until then, in log time. */
  need(until: number): void {
    this.neededUntil = Math.max(this.neededUntil, until);
  }

  /** All records below `offset` have been read. */
  note(offset: number, { logTime, monotonic }: Now): void {
    const last = this.all.at(-1);
    const apart = this.retentionMs / CHECKPOINTS_PER_RETENTION;
    if (last && (monotonic < last.monotonic + apart || offset <= last.offset)) return;
    this.all.push({ offset, logTime, monotonic, neededUntil: this.neededUntil });
  }

  /** Where a successor begins, and with which log time, when all below `done` is done. */
  startOf(done: number, monotonic: number): Start {
    const last = this.all.findLast(({ offset }) => offset <= done);
    const logTime = last?.logTime ?? this.start.logTime;
    for (let first = this.all[0]; first && first.offset <= done; first = this.all[0]) {
      const age = monotonic - first.monotonic;
      const isNeeded = first.neededUntil > (logTime ?? Number.NEGATIVE_INFINITY);
      if (age < this.retentionMs * (isNeeded ? STUCK_RETENTIONS : 1)) break;
      this.pass(first, isNeeded);
    }
    const from = Math.min(done, this.start.from);
    return { ...this.start, from, ...(logTime !== undefined && { logTime }) };
  }

  private pass({ logTime, neededUntil, offset }: Checkpoint, isNeeded: boolean): void {
    const lookUpUntil = Math.max(neededUntil, this.start.lookUpUntil ?? neededUntil);
    this.start = {
      ...this.start,
      from: offset,
      ...(logTime !== undefined && { logTime }),
      ...(isNeeded && { lookUpUntil }),
    };
    this.all.shift();
  }
}
