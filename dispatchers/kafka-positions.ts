import type { Admin } from 'kafkajs';
import { type Clock, pause } from '../runtime/clock';
import { GroupPositions, type GroupPositionsParts, placeOf } from './group-positions';
import { type LogEnds, lossError, lossIn, replacedError } from './log-loss';
import { markOf, RecentRecords, type RecordMark } from './recent-records';
import type { Assignment, LogRecord, Position } from './source';
import { TopicEnds } from './topic-ends';

/** A loss is reported after this many checks, at this interval: a broker may lag briefly. */
const LOOKS = 3;
const BETWEEN_LOOKS_MS = 1_000;

/** The position from which a partition's new owner reads. */
export interface Start {
  readonly assignment: Assignment;
  /** The first offset to read: before `from`, if the mark is to be verified there. */
  readonly readFrom: number;
}

/** The records of an owned partition that are kept to verify it. */
interface Held {
  readonly recent: RecentRecords;
  /** The mark of the last commit. */
  mark: RecordMark | undefined;
  /** The mark that a record still to be read must have. */
  expected: RecordMark | undefined;
}

export interface KafkaPositionsParts extends GroupPositionsParts {
  readonly admin: Pick<Admin, 'fetchOffsets' | 'fetchTopicOffsets'>;
  readonly topic: string;
  readonly clock: Clock;
}

/**
 * Loads and commits the group's positions, and verifies them against the log: against its ends,
 * and by the mark of a record that is committed with each position.
 */
export class KafkaPositions {
  private readonly held = new Map<number, Held>();
  /** By partition, the offset after the last record that this process has ever read. */
  private readonly readTo = new Map<number, number>();

  private readonly group: GroupPositions;
  private readonly topicEnds: TopicEnds;

  constructor(private readonly parts: KafkaPositionsParts) {
    this.group = new GroupPositions(parts);
    this.topicEnds = new TopicEnds(parts.admin);
  }

  /** Rejects with `log_mismatch` if the log has lost records, counted or not. */
  async load(partition: number): Promise<Start> {
    for (let looks = 1; ; looks++) {
      const { isKnown, mark, position } = await this.group.load(this.parts.topic, partition);
      // The ends are read after the position: another member may append and commit in between.
      const ends = await this.ends(partition);
      const { done, from } = position;
      const loss = lossIn(ends, isKnown ? done : ends.low, this.readTo.get(partition));
      if (!loss) {
        const expected = mark && mark.offset >= ends.low ? mark : undefined;
        this.held.set(partition, { recent: new RecentRecords(), mark, expected });
        const readFrom = Math.max(Math.min(from, expected?.offset ?? from), ends.low);
        const end = ends.high > ends.low ? ends.high : from;
        return { assignment: { ...position, end }, readFrom };
      }
      if (looks === LOOKS) throw lossError(this.parts.topic, partition, loss);
      await pause(this.parts.clock, BETWEEN_LOOKS_MS);
    }
  }

  /** Commits how far a partition is done, with the mark of the last record before it. */
  async commit(partition: number, position: Position): Promise<void> {
    const held = this.held.get(partition);
    const mark = held?.recent.markBelow(position.done) ?? held?.mark;
    await this.group.commit([placeOf(this.parts.topic, partition, { position, mark })]);
    if (held) held.mark = mark;
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
    throw replacedError(this.parts.topic, partition, record.offset);
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

  /** Drops a partition that another member now owns. */
  release(partition: number): void {
    this.held.delete(partition);
  }

  /**
   * For an owner whose connection broke: by partition, the offset to read again in order to verify
   * the last record that it read. `next` is the offset after that record. Rejects with
   * `log_mismatch` if the log ends before it.
   */
  async recheck(next: ReadonlyMap<number, number>): Promise<Map<number, number>> {
    for (let looks = 1; ; looks++) {
      const allEnds = await this.topicEnds.all(this.parts.topic);
      const [lost] = [...next].filter(([partition, offset]) => {
        const ends = allEnds.get(partition);
        return this.held.has(partition) && ends !== undefined && ends.high < offset;
      });
      if (!lost) return this.marksToRead(next, allEnds);
      const [partition, read] = lost;
      const loss = lossIn(allEnds.get(partition) ?? { low: 0, high: read }, read);
      if (loss && looks === LOOKS) throw lossError(this.parts.topic, partition, loss);
      await pause(this.parts.clock, BETWEEN_LOOKS_MS);
    }
  }

  /** The log's end now; rejects with `log_mismatch` if that is before `known`. */
  async verifyEnd(partition: number, known: number): Promise<number> {
    for (let looks = 1; ; looks++) {
      const ends = await this.ends(partition);
      const loss = lossIn(ends, Math.max(known, ends.low));
      if (!loss) return ends.high;
      if (looks === LOOKS) throw lossError(this.parts.topic, partition, loss);
      await pause(this.parts.clock, BETWEEN_LOOKS_MS);
    }
  }

  private marksToRead(next: ReadonlyMap<number, number>, allEnds: ReadonlyMap<number, LogEnds>) {
    const offsets = new Map<number, number>();
    for (const [partition, offset] of next) {
      const held = this.held.get(partition);
      const mark = held && (held.expected ?? held.recent.markBelow(offset) ?? held.mark);
      if (!mark || mark.offset < (allEnds.get(partition)?.low ?? 0)) continue;
      held.expected = mark;
      offsets.set(partition, Math.min(mark.offset, offset));
    }
    return offsets;
  }

  /** The first and the next offset of a partition of the log. */
  ends(partition: number): Promise<LogEnds> {
    return this.topicEnds.of(this.parts.topic, partition);
  }
}
