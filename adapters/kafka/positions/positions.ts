import type { Admin } from 'kafkajs';
import type { Clock } from '../../../runtime/clock';
import { type Assignment, knownEnd, type Position } from '../../../schemas/position';
import type { LogRecord } from '../../log-source';
import { type LogEnds, lossIn, replacedError } from '../../shared/log-loss';
import { markOf, RecentRecords, type RecordMark } from '../../shared/recent-records';
import {
  GroupPositions,
  type GroupPositionsOptions,
  type MarkedPosition,
  placeOf,
} from './group-positions';
import { type ConfirmEnd, type EndsOf, type Found, LossChecks } from './loss-checks';
import { TopicEnds } from './topic-ends';

/** The position from which a partition's new owner reads. */
export interface Start {
  readonly assignment: Assignment;
  /** The first offset to read: before `from`, if the mark is to be verified there. */
  readonly readFrom: number;
}

/** The records and marks that are kept to verify an owned partition. */
interface HeldPartition {
  readonly recent: RecentRecords;
  /** The mark of the last commit. */
  mark: RecordMark | undefined;
  /** The mark of a record that is still to be read and verified. */
  expected: RecordMark | undefined;
  /** The newest position that was loaded from the group or sent to it. */
  newest: MarkedPosition | undefined;
}

export interface KafkaPositionsOptions extends GroupPositionsOptions {
  readonly admin: Pick<Admin, 'fetchOffsets' | 'fetchTopicOffsets'>;
  readonly topic: string;
  readonly clock: Clock;
  readonly confirmEnd?: ConfirmEnd | undefined;
}

/**
 * Loads and commits the group's positions, and verifies them against the log: against its ends,
 * and by the mark of a record that is committed with each position.
 */
export class KafkaPositions {
  private readonly held = new Map<number, HeldPartition>();
  /** By partition, the offset after the last record that this process has ever read. */
  private readonly readTo = new Map<number, number>();

  private readonly group: GroupPositions;
  private readonly topicEnds: TopicEnds;
  private readonly lossChecks: LossChecks;

  constructor(private readonly options: KafkaPositionsOptions) {
    this.group = new GroupPositions(options);
    this.topicEnds = new TopicEnds(options.admin);
    this.lossChecks = new LossChecks({ ...options, ends: this.topicEnds });
  }

  /** Rejects with `log_mismatch` if the log has lost records, counted or not. */
  load(partition: number): Promise<Start> {
    return this.lossChecks.run((ends) => this.tryToLoad(partition, ends));
  }

  private async tryToLoad(partition: number, endsOf: EndsOf): Promise<Found<Start>> {
    const { isKnown, mark, position } = await this.group.load(this.options.topic, partition);
    // The ends are read after the position: another member may append and commit in between.
    const ends = await endsOf(partition);
    const { done, from } = position;
    const known = Math.max(knownEnd(position), this.readTo.get(partition) ?? 0);
    const loss = lossIn(ends, isKnown ? done : ends.low, known);
    if (loss) return { loss, partition };
    const expected = mark && mark.offset >= ends.low ? mark : undefined;
    const newest = isKnown ? { position, mark } : undefined;
    this.held.set(partition, { recent: new RecentRecords(), mark, expected, newest });
    const readFrom = Math.max(Math.min(from, expected?.offset ?? from), ends.low);
    const end = ends.high > ends.low ? ends.high : from;
    return { result: { assignment: { ...position, end }, readFrom } };
  }

  /**
   * Commits how far a partition is done, with the mark of the last record before it, if `isOwned`
   * still returns true when the request is made.
   */
  async commit(partition: number, position: Position, isOwned: () => boolean): Promise<void> {
    const held = this.held.get(partition);
    const mark = held?.recent.markBelow(knownEnd(position)) ?? held?.mark;
    const newest = { position, mark };
    // Before the request: otherwise `commitAgain` could replace it by an earlier position.
    if (held) held.newest = newest;
    await this.group.commit([placeOf(this.options.topic, partition, newest)], isOwned);
    if (held) held.mark = mark;
  }

  /** Commits the newest position of a partition again, under the same condition as `commit`. */
  async commitAgain(partition: number, isOwned: () => boolean): Promise<void> {
    const newest = this.held.get(partition)?.newest;
    if (!newest) return;
    await this.group.commit([placeOf(this.options.topic, partition, newest)], isOwned);
  }

  /** Throws `log_mismatch` if these include the expected record and its mark differs. */
  verify(partition: number, records: readonly LogRecord[]): void {
    const held = this.held.get(partition);
    const expected = held?.expected;
    const first = records[0]?.offset;
    if (!held || !expected || first === undefined) return;
    const last = records.at(-1)?.offset ?? first;
    if (last < expected.offset) return;
    held.expected = undefined;
    const record = records.find(({ offset }) => offset === expected.offset);
    if (!record || markOf(record).hash === expected.hash) return;
    throw replacedError(this.options.topic, partition, record.offset);
  }

  /** Notes records of a partition as read; returns the offset after the last of them. */
  read(partition: number, records: readonly LogRecord[]): number | undefined {
    const last = records.at(-1)?.offset;
    if (last === undefined) return undefined;
    const recent = this.held.get(partition)?.recent;
    for (const record of records) recent?.add(record);
    this.readTo.set(partition, Math.max(last + 1, this.readTo.get(partition) ?? 0));
    return last + 1;
  }

  /** Where to read on if the next unread record is at `next`: before it, if a mark is expected. */
  readFrom(partition: number, next: number): number {
    return Math.min(next, this.held.get(partition)?.expected?.offset ?? next);
  }

  /** Drops a partition that another member now owns. */
  release(partition: number): void {
    this.held.delete(partition);
  }

  /**
   * For an owner whose connection broke: by partition, the offset to read again in order to verify
   * the last record that it has read. `next` is the offset after that record. Rejects with
   * `log_mismatch` if the log ends before it.
   */
  recheck(next: ReadonlyMap<number, number>): Promise<Map<number, number>> {
    return this.lossChecks.run<Map<number, number>>(async (endsOf) => {
      const low = new Map<number, number>();
      for (const [partition, read] of next) {
        if (!this.held.has(partition)) continue;
        const ends = await endsOf(partition);
        low.set(partition, ends.low);
        const loss = ends.high < read ? lossIn(ends, read) : undefined;
        if (loss) return { loss, partition };
      }
      return { result: this.marksToRead(next, low) };
    });
  }

  /** The log's end now; rejects with `log_mismatch` if that is before `known`. */
  verifyEnd(partition: number, known: number): Promise<number> {
    return this.lossChecks.run<number>(async (endsOf) => {
      const ends = await endsOf(partition);
      const loss = ends.high < known ? lossIn(ends, known) : undefined;
      return loss ? { loss, partition } : { result: ends.high };
    });
  }

  private marksToRead(next: ReadonlyMap<number, number>, low: ReadonlyMap<number, number>) {
    const offsets = new Map<number, number>();
    for (const [partition, offset] of next) {
      const held = this.held.get(partition);
      const mark = held && (held.expected ?? held.recent.markBelow(offset) ?? held.mark);
      if (!mark || mark.offset < (low.get(partition) ?? 0)) continue;
      held.expected = mark;
      offsets.set(partition, Math.min(mark.offset, offset));
    }
    return offsets;
  }

  /** The first and the next offset of a partition of the log. */
  ends(partition: number): Promise<LogEnds> {
    return this.topicEnds.of(this.options.topic, partition);
  }
}
