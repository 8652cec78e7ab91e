import type { Admin, KafkaMessage, TopicPartitionOffset } from 'kafkajs';
import { z } from 'zod';
import { type Clock, pause } from '../runtime/clock';
import type { KafkaCommits } from '../runtime/kafka-commits';
import { LikestreamError } from '../schemas/errors';
import { type LogEnds, lossError, lossIn, replacedError } from './log-loss';
import { markOf, RecentRecords, type RecordMark } from './recent-records';
import type { Assignment, LogRecord, Position } from './source';

/** A loss is reported after this many checks, at this interval: a broker may lag briefly. */
const LOOKS = 3;
const BETWEEN_LOOKS_MS = 1_000;

const markSchema = z.object({ offset: z.int().nonnegative(), hash: z.string() });

/** The metadata that is committed with the offset `done`. */
const committed = z.object({
  from: z.int().nonnegative(),
  logTime: z.number().optional(),
  lookUpUntil: z.number().optional(),
  mark: markSchema.optional(),
});

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

export interface KafkaPositionsParts {
  readonly admin: Pick<Admin, 'fetchOffsets' | 'fetchTopicOffsets'>;
  readonly commits: KafkaCommits;
  readonly groupId: string;
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

  constructor(private readonly parts: KafkaPositionsParts) {}

  /** Rejects with `log_mismatch` if the log has lost records, counted or not. */
  async load(partition: number): Promise<Start> {
    for (let looks = 1; ; looks++) {
      const { isKnown, mark, position } = await this.saved(partition);
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

  /**
   * Commits how far a partition is done, with the mark of the last record before it, if `isOwned`
   * still returns true when the request is made.
   */
  async commit(
    partition: number,
    { done, ...rest }: Position,
    isOwned: () => boolean,
  ): Promise<void> {
    const held = this.held.get(partition);
    const mark = held?.recent.markBelow(done) ?? held?.mark;
    const metadata = JSON.stringify({ ...rest, mark });
    const { commits, topic } = this.parts;
    await commits.commit([{ topic, partition, offset: String(done), metadata }], isOwned);
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
      const allEnds = await this.allEnds(this.parts.topic);
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

  /** An offset of any topic, clamped to the offsets that the topic has now. */
  async clamp(place: TopicPartitionOffset): Promise<TopicPartitionOffset> {
    const { high, low } = await this.endsOf(place.topic, place.partition);
    const offset = Math.min(Math.max(Number(place.offset), low), high);
    return { ...place, offset: String(offset) };
  }

  /** The first and the next offset of a partition of the log. */
  ends(partition: number): Promise<LogEnds> {
    return this.endsOf(this.parts.topic, partition);
  }

  private async endsOf(topic: string, partition: number): Promise<LogEnds> {
    const ends = (await this.allEnds(topic)).get(partition);
    if (!ends) throw new LikestreamError('log_unavailable', `${topic} has no ${partition}`);
    return ends;
  }

  private async allEnds(topic: string): Promise<Map<number, LogEnds>> {
    const all = await this.parts.admin.fetchTopicOffsets(topic);
    return new Map(
      all.map(({ high, low, partition }) => [partition, { low: Number(low), high: Number(high) }]),
    );
  }

  private async saved(partition: number) {
    const { admin, groupId, topic } = this.parts;
    const [found] = await admin.fetchOffsets({ groupId, topics: [topic] });
    const saved = found?.partitions.find((each) => each.partition === partition);
    const offset = Number(saved?.offset ?? -1);
    const parsed = saved?.metadata ? committed.parse(JSON.parse(saved.metadata)) : { from: 0 };
    const { mark, ...rest }: z.infer<typeof committed> = parsed;
    const position: Position = { done: Math.max(offset, 0), ...rest };
    return { isKnown: offset >= 0, mark, position };
  }
}

/** A record as kafkajs reads it. */
export function recordOf({ key, offset, timestamp, value }: KafkaMessage): LogRecord {
  const appendedAt = Number(timestamp);
  return { offset: Number(offset), key: String(key), value: String(value), appendedAt };
}
