import type { Admin } from 'kafkajs';
import type { DrainRecords, LogEndsByType } from '../../adapters/cassandra/drain-records';
import { closeTopic, openTopic } from '../../adapters/kafka/topics/log-gate';
import { type Clock, pause } from '../../runtime/clock';
import { endsOf, groupProgress, type PartitionProgress, recordsLeft } from './group-progress';

/** All producers have read the new state after this time. */
const SEEN_MS = 1_500;
const LOOK_MS = 250;
/** Brokers apply a topic's new setting in this time. */
const CLOSED_MS = 1_000;
/** An update of another datacenter is appended, published and mirrored in this time. */
const MIRRORED_MS = 5_000;
/** If topics cannot be closed: an append in a socket has arrived or is lost after this time. */
const QUIET_MS = 20_000;

/** What the dispatchers read of one event type. */
export interface DrainedType {
  readonly name: string;
  readonly groupId: string;
  /** The topic of its log. */
  readonly topic: string;
  /** The topics with its updates that MirrorMaker copies from other datacenters. */
  readonly peerTopics: readonly string[];
}

export interface DrainOptions {
  readonly origin: string;
  readonly admin: Admin;
  readonly records: Pick<DrainRecords, 'set'>;
  /** The event types of the log to drain. */
  readonly types: readonly DrainedType[];
  /**
   * The age of an id, ms, below which another datacenter may accept an entry of this one without a
   * look-up; 0 if there is no other datacenter.
   */
  readonly youngMs: number;
  readonly clock: Clock;
  readonly timeoutMs: number;
  /** Called with one line for the operator. */
  readonly say: (line: string) => void;
}

/** Takes a log out of service: ends appends, and waits until all records are counted and stored. */
export class DrainRun {
  private readonly giveUpAt: number;
  private lastLine = '';

  constructor(private readonly options: DrainOptions) {
    this.giveUpAt = options.clock.monotonic() + options.timeoutMs;
  }

  /** Resolves with the recorded ends of all types. Rejects with an Error after the timeout. */
  async run(): Promise<LogEndsByType> {
    const { clock, origin, records } = this.options;
    await records.set(origin, 'draining');
    this.say(`producers of ${origin} answer 503 now`);
    await pause(clock, SEEN_MS);
    await this.waitForYoungEntries();
    await this.untilPeersRead();
    await this.untilDone();
    await this.close();
    const ends = await this.untilDone();
    await records.set(origin, 'drained', ends);
    return ends;
  }

  /** Puts a drained log back into service. */
  async undo(): Promise<void> {
    const { admin, origin, records, types } = this.options;
    for (const { topic } of types) await openTopic(admin, topic);
    await records.set(origin, 'serving');
  }

  /**
   * A client may send an entry that this log has to another datacenter, because this one answers
   * 503. While its id is young, the other one counts it without a look-up, and only this log's
   * owner can find both copies and cancel its own.
   */
  private async waitForYoungEntries(): Promise<void> {
    const { clock, youngMs } = this.options;
    if (youngMs === 0) return;
    const ms = youngMs + MIRRORED_MS;
    this.say(
      `waiting ${Math.ceil(ms / 1_000)} s for entries that clients send to another datacenter ` +
        'instead; the links between them must be up',
    );
    await pause(clock, ms);
  }

  /** A copy of an entry that another datacenter counted before is cancelled in this log. */
  private async untilPeersRead(): Promise<void> {
    const ends = new Map<string, Map<number, number>>();
    await this.until(async () => {
      const lines: string[] = [];
      for (const { groupId, topic } of this.peerTopics()) {
        const progress = await groupProgress(this.options.admin, groupId, topic);
        const upTo = ends.get(topic) ?? endsOf(progress);
        ends.set(topic, upTo);
        const left = recordsLeft(progress, upTo);
        if (left === 0) continue;
        const isRead = progress.some(({ isKnown }) => isKnown);
        const hint = isRead ? '' : ', which no dispatcher reads: restart the dispatchers';
        lines.push(`${left} updates of other datacenters to read in ${topic}${hint}`);
      }
      return lines.length === 0 ? undefined : lines.join('; ');
    });
  }

  private peerTopics() {
    return this.options.types.flatMap(({ groupId, peerTopics }) =>
      peerTopics.map((topic) => ({ groupId, topic })),
    );
  }

  /** Resolves with the ends once all records are counted, saved, stored and published to peers. */
  private async untilDone(): Promise<LogEndsByType> {
    const ends = new Map<string, ReadonlyMap<number, number>>();
    await this.until(async () => {
      const lines: string[] = [];
      for (const type of this.options.types) {
        const progress = await groupProgress(this.options.admin, type.groupId, type.topic);
        ends.set(type.name, endsOf(progress));
        const line = await this.lineOf(type, progress);
        if (line !== undefined) lines.push(line);
      }
      return lines.length === 0 ? undefined : lines.join('; ');
    });
    return ends;
  }

  /** The records of a type that are left, as a text; undefined if none are. */
  private async lineOf({ groupId, name }: DrainedType, progress: readonly PartitionProgress[]) {
    const left = recordsLeft(progress);
    if (left === 0) return undefined;
    const open = progress.filter((each) => recordsLeft([each]) > 0).length;
    const where = `${open} of ${progress.length} partitions of ${name}`;
    return `${left} records left in ${where}${await this.hint(groupId)}`;
  }

  private async close(): Promise<void> {
    const { admin, clock, types } = this.options;
    let isClosed = true;
    for (const { topic } of types) isClosed = (await closeTopic(admin, topic)) && isClosed;
    if (!isClosed) {
      this.say(`Kafka forbids to close the log: waiting ${QUIET_MS / 1_000} s for late appends`);
    }
    await pause(clock, isClosed ? CLOSED_MS : QUIET_MS);
  }

  /** Polls until `left` resolves with undefined; prints each other result to the operator. */
  private async until(left: () => Promise<string | undefined>): Promise<void> {
    const { clock, origin, timeoutMs } = this.options;
    for (;;) {
      const line = await left();
      if (line === undefined) return;
      this.say(line);
      if (clock.monotonic() > this.giveUpAt) {
        throw new Error(
          `${origin} is not drained after ${timeoutMs / 1_000} s: ${line}. Producers answer 503 ` +
            'still: run it again, or `npm run drain -- --undo`',
        );
      }
      await pause(clock, LOOK_MS);
    }
  }

  private async hint(groupId: string): Promise<string> {
    const { admin, origin } = this.options;
    const { groups } = await admin.describeGroups([groupId]);
    const isRead = groups.some(({ members }) => members.length > 0);
    return isRead ? '' : `, which no dispatcher of ${origin} reads: start one with this event type`;
  }

  private say(line: string): void {
    if (line !== this.lastLine) this.options.say(line);
    this.lastLine = line;
  }
}
