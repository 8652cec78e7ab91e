import type { Admin, Batch, Consumer, TopicPartitionOffset } from 'kafkajs';
import { type Clock, every, type Timer } from '../../../runtime/clock';
import type { DedupeWindow } from '../../../schemas/dedupe-window';
import type { EventTypes } from '../../../schemas/event-types';
import { type PeerUpdate, parsePeerUpdate } from '../../../schemas/peer-update';
import type { CancelGate } from '../../log-source';
import { recordOf } from '../consume/record';
import { KafkaCommits } from '../positions/commits';
import { GroupPositions, type MarkedPosition, placeOf } from '../positions/group-positions';
import type { ConfirmEnd } from '../positions/loss-checks';
import { TopicEnds } from '../positions/topic-ends';
import { MirroredEnds } from './mirrored-ends';
import { PeerPosition } from './peer-position';

/** The time between two commits; updates consumed before the previous commit reached the cache. */
const COMMIT_MS = 5_000;
/** Every such round also commits unchanged positions: a late commit may have set the group back. */
const COMMIT_AGAIN_ROUNDS = 4;

export interface PeerTopicsOptions {
  readonly consumer: Consumer;
  readonly admin: Admin;
  readonly groupId: string;
  readonly types: EventTypes;
  /** The name of the event type whose updates the topics have. */
  readonly type: string;
  /** The mirrored topics. */
  readonly topics: readonly string[];
  readonly dedupe: Pick<DedupeWindow, 'retentionMs'>;
  readonly clock: Clock;
  /** The end of a partition, confirmed by enough brokers. */
  readonly confirmEnd?: ConfirmEnd | undefined;
  /** Reports a failed step that is tried again, and records that cannot be read. */
  readonly failed: (doing: string, error: unknown) => void;
  /** Writes one line about a mirrored topic that is read from its beginning. */
  readonly warn: (line: string) => void;
}

/** Where a partition's new owner begins to read the mirrored topics. */
export interface PeerStart {
  readonly places: readonly TopicPartitionOffset[];
  /** Until this log time all ids are looked up. */
  readonly lookUpUntil: number | undefined;
}

/** One partition of a mirrored topic. */
interface HeldPartition {
  readonly topic: string;
  readonly partition: number;
  position: PeerPosition;
  /** The offset of the next record to read. */
  next: number;
  /** The last committed position, as JSON. */
  committed: string;
}

/**
 * The topics that MirrorMaker copies from other datacenters. The owner of each partition reads them
 * from a committed position, in order to load again the ids that peers have counted. If a mirrored
 * topic is created again, it is read from its beginning; that only repeats updates.
 */
export class PeerTopics {
  private readonly held = new Map<string, HeldPartition>();
  private rounds: Timer | undefined;
  private commits = 0;
  private owner: CancelGate | undefined;
  private readonly group: GroupPositions;
  private readonly ends: MirroredEnds;

  constructor(private readonly options: PeerTopicsOptions) {
    this.group = new GroupPositions({ ...options, commits: new KafkaCommits(options.consumer) });
    this.ends = new MirroredEnds({ ...options, ends: new TopicEnds(options.admin) });
  }

  get topics(): readonly string[] {
    return this.options.topics;
  }

  /** Commits positions regularly, except of partitions of which `owner` has entries to cancel. */
  start(owner: CancelGate): void {
    this.owner = owner;
    this.rounds = every(this.options.clock, COMMIT_MS, () => this.verifyAndCommit());
  }

  stop(): void {
    this.rounds?.cancel();
  }

  /**
   * Loads where a partition's new owner begins, in each topic. Keeps no position if `isOwned`
   * returns false afterwards.
   */
  async load(partition: number, isOwned: () => boolean): Promise<PeerStart> {
    const all = await Promise.all(this.topics.map((topic) => this.loadOne(topic, partition)));
    const places = all.map(({ place }) => place);
    const until = all.map(({ held }) => held.position.lookUpUntil ?? 0);
    // Held positions are committed regularly, and only the owner may commit them.
    if (isOwned()) for (const { held } of all) this.held.set(nameOf(held), held);
    return { places, lookUpUntil: Math.max(0, ...until) || undefined };
  }

  /**
   * Whether the batch continues the topic that earlier owners have read. If another topic has this
   * name now, this member reads it from its beginning.
   */
  isSameTopic(batch: Batch): boolean {
    const held = this.held.get(nameOf(batch));
    if (!held?.position.isReplacedBy(batch.messages.map(recordOf))) return true;
    this.startOver(held, 'has other records than before');
    return false;
  }

  /** The updates in a batch, without unreadable records. */
  updatesIn(batch: Batch): PeerUpdate[] {
    const { type, types } = this.options;
    const position = this.held.get(nameOf(batch))?.position;
    return batch.messages.flatMap(({ key, offset, value }) => {
      const isReplay = position?.wasConsumed(Number(offset)) ?? false;
      try {
        return parsePeerUpdate(types, { channel: String(key), isReplay, type }, String(value));
      } catch (error) {
        this.options.failed('read a peer update', error);
        return [];
      }
    });
  }

  /** Notes that the owner has consumed a batch. */
  consumed(batch: Batch): void {
    const held = this.held.get(nameOf(batch));
    const records = batch.messages.map(recordOf);
    const last = records.at(-1);
    if (!held || !last) return;
    held.position.consume(records, this.options.clock.monotonic());
    held.next = last.offset + 1;
  }

  /** The place of the next unread record of a partition, in each topic. */
  unread(partition: number): TopicPartitionOffset[] {
    const held = this.topics.map((topic) => this.held.get(nameOf({ topic, partition })));
    return held.flatMap((each) => (each ? [nextPlace(each)] : []));
  }

  /** Drops a partition that another member now owns. */
  release(partition: number): void {
    for (const topic of this.topics) this.held.delete(nameOf({ topic, partition }));
  }

  private async loadOne(topic: string, partition: number) {
    const saved = await this.group.load(topic, partition);
    const { done } = saved.position;
    const { ends, isCut } = await this.ends.of(topic, partition, done);
    if (isCut) this.warn(topic, partition, `ends at ${ends.high}, before ${done}`);
    const position = isCut ? this.beginning() : this.positionAt(saved);
    const next = Math.min(Math.max(position.readFrom, ends.low), ends.high);
    const held: HeldPartition = { topic, partition, position, next, committed: '' };
    return { held, place: nextPlace(held) };
  }

  private async verifyAndCommit(): Promise<void> {
    try {
      await this.restartNewTopics();
      await this.commit();
    } catch (error) {
      this.options.failed('commit peer positions', error);
    }
  }

  /** Reads topics from their beginning that were created again while this member read them. */
  private async restartNewTopics(): Promise<void> {
    const topics = new Set([...this.held.values()].map(({ topic }) => topic));
    for (const topic of topics) {
      const all = [...this.held.values()].filter((held) => held.topic === topic);
      const done = new Map(all.map(({ partition, position }) => [partition, position.end]));
      const cut = await this.ends.cutOf(topic, done);
      for (const held of all) {
        const high = cut.get(held.partition);
        const why = `ends at ${high}, before ${done.get(held.partition)}`;
        if (high !== undefined && this.isHeld(held)) this.startOver(held, why);
      }
    }
  }

  private async commit(): Promise<void> {
    const { clock } = this.options;
    const ready = [...this.held.values()].filter(
      ({ partition }) => !this.owner?.isCancelPending(partition),
    );
    const all = ready.map((held) => {
      const position = held.position.positionToCommit(clock.monotonic());
      const place = placeOf(held.topic, held.partition, position);
      return { held, place, text: JSON.stringify(place) };
    });
    this.commits += 1;
    const isAgain = this.commits % COMMIT_AGAIN_ROUNDS === 0;
    const due = all.filter(({ held, text }) => isAgain || text !== held.committed);
    // One request for all; without partitions that another member owns by now.
    const commits = due.map(async ({ held, place, text }) => {
      await this.group.commit([place], () => this.isHeld(held));
      held.committed = text;
    });
    await Promise.all(commits);
  }

  private startOver(held: HeldPartition, why: string): void {
    const { partition, topic } = held;
    this.warn(topic, partition, why);
    held.position = this.beginning();
    held.next = 0;
    this.options.consumer.seek(nextPlace(held));
  }

  private warn(topic: string, partition: number, why: string): void {
    this.options.warn(
      `mirrored topic ${topic}, partition ${partition} ${why}: it was created again, and is read ` +
        'from its beginning',
    );
  }

  private beginning(): PeerPosition {
    return this.positionAt({ position: { done: 0, from: 0 }, mark: undefined });
  }

  private positionAt({ mark, position }: MarkedPosition): PeerPosition {
    return new PeerPosition(position, this.options.dedupe.retentionMs, mark);
  }

  private isHeld(held: HeldPartition): boolean {
    return this.held.get(nameOf(held)) === held;
  }
}

function nameOf({ partition, topic }: { readonly topic: string; readonly partition: number }) {
  return `${topic}/${partition}`;
}

function nextPlace({ next, partition, topic }: HeldPartition): TopicPartitionOffset {
  return { topic, partition, offset: String(next) };
}
