import type { Admin, Batch, Consumer, TopicPartitionOffset } from 'kafkajs';
import { type Clock, every, type Timer } from '../runtime/clock';
import { KafkaCommits } from '../runtime/kafka-commits';
import { type Told, toldIn } from '../schemas/broadcast';
import type { DedupeWindow } from '../schemas/dedupe-window';
import { GroupPositions, type MarkedPosition, placeOf } from './group-positions';
import { recordOf } from './kafka-record';
import type { ConfirmEnd } from './loss-looks';
import { MirroredEnds } from './mirrored-ends';
import { PeerPosition } from './peer-position';
import type { PartitionOwner } from './source';
import { TopicEnds } from './topic-ends';

/** Updates consumed longer ago than this were forwarded; a successor reads from there. */
const COMMIT_MS = 5_000;
/** In each such round unchanged positions are committed, too: the group may have been set back. */
const COMMIT_AGAIN_ROUNDS = 4;

export interface KafkaPeersParts {
  readonly consumer: Consumer;
  readonly admin: Admin;
  readonly groupId: string;
  /** The mirrored topics. */
  readonly topics: readonly string[];
  readonly dedupe: Pick<DedupeWindow, 'retentionMs'>;
  readonly clock: Clock;
  /** A partition's end, as enough brokers confirm it. */
  readonly confirmEnd?: ConfirmEnd | undefined;
  /** Reports a failed step that is tried again, and records that cannot be read. */
  readonly failed: (doing: string, error: unknown) => void;
  /** Writes one line about a mirrored topic that is read from its beginning. */
  readonly warn: (line: string) => void;
}

/** Where a partition's new owner begins in the mirrored topics. */
export interface PeerStart {
  readonly places: readonly TopicPartitionOffset[];
  /** Until this log time all ids are looked up. */
  readonly lookUpUntil: number | undefined;
}

/** One partition of a mirrored topic. */
interface Held {
  readonly topic: string;
  readonly partition: number;
  position: PeerPosition;
  /** The place last committed, as JSON. */
  committed: string;
}

/**
 * The topics that MirrorMaker brings from other datacenters, read by the owner of each partition
 * from a committed position, so that the ids that peers have counted are known again. A mirrored
 * topic may be made anew: it is then read from its beginning, which repeats updates at most.
 */
export class KafkaPeers {
  private readonly held = new Map<string, Held>();
  private rounds: Timer | undefined;
  private commits = 0;
  private owner: Pick<PartitionOwner, 'isCancelPending'> | undefined;
  private readonly group: GroupPositions;
  private readonly ends: MirroredEnds;

  constructor(private readonly parts: KafkaPeersParts) {
    this.group = new GroupPositions({ ...parts, commits: new KafkaCommits(parts.consumer) });
    this.ends = new MirroredEnds({ ...parts, ends: new TopicEnds(parts.admin) });
  }

  get topics(): readonly string[] {
    return this.parts.topics;
  }

  /** Commits positions regularly, except of partitions of which `owner` has likes to cancel. */
  start(owner: Pick<PartitionOwner, 'isCancelPending'>): void {
    this.owner = owner;
    this.rounds = every(this.parts.clock, COMMIT_MS, () => this.round());
  }

  stop(): void {
    this.rounds?.cancel();
  }

  /**
   * Loads where a partition's new owner begins, in each topic. Nothing is held for it if `isOwned`
   * returns false afterwards.
   */
  async load(partition: number, isOwned: () => boolean): Promise<PeerStart> {
    const all = await Promise.all(this.topics.map((topic) => this.loadOne(topic, partition)));
    const places = all.map(({ place }) => place);
    const until = all.map(({ held }) => held.position.lookUpUntil ?? 0);
    // A position that is held is committed: only the owner may do that.
    if (isOwned()) for (const { held } of all) this.held.set(nameOf(held), held);
    return { places, lookUpUntil: Math.max(0, ...until) || undefined };
  }

  /**
   * Whether the batch continues the topic that earlier owners have read. If another topic has that
   * name now, it is read from its beginning instead.
   */
  isSame(batch: Batch): boolean {
    const held = this.held.get(nameOf(batch));
    if (!held?.position.isReplacedBy(batch.messages.map(recordOf))) return true;
    this.startOver(held, 'has other records than before');
    return false;
  }

  /** The updates in a batch; what cannot be read is skipped. */
  talesIn(batch: Batch): Told[] {
    const position = this.held.get(nameOf(batch))?.position;
    return batch.messages.flatMap(({ key, offset, value }) => {
      try {
        return toldIn(String(key), String(value), position?.isAgain(Number(offset)) ?? false);
      } catch (error) {
        this.parts.failed('read a peer', error);
        return [];
      }
    });
  }

  /** Notes that the owner has consumed a batch. */
  done(batch: Batch): void {
    const { clock } = this.parts;
    const records = batch.messages.map(recordOf);
    this.held.get(nameOf(batch))?.position.consume(records, clock.monotonic());
  }

  /** Drops a partition that another member now owns. */
  letGo(partition: number): void {
    for (const topic of this.topics) this.held.delete(nameOf({ topic, partition }));
  }

  private async loadOne(topic: string, partition: number) {
    const saved = await this.group.load(topic, partition);
    const { done } = saved.position;
    const { ends, isCut } = await this.ends.of(topic, partition, done);
    if (isCut) this.warn(topic, partition, `ends at ${ends.high}, before ${done}`);
    const position = isCut ? this.beginning() : this.positionAt(saved);
    const held: Held = { topic, partition, position, committed: '' };
    const offset = Math.min(Math.max(position.readFrom, ends.low), ends.high);
    return { held, place: { topic, partition, offset: String(offset) } };
  }

  private async round(): Promise<void> {
    try {
      await this.findCutTopics();
      await this.commit();
    } catch (error) {
      this.parts.failed('commit peers', error);
    }
  }

  /** Finds topics that were made anew while this member read them. */
  private async findCutTopics(): Promise<void> {
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
    const { clock } = this.parts;
    const ready = [...this.held.values()].filter(
      ({ partition }) => !this.owner?.isCancelPending(partition),
    );
    const all = ready.map((held) => {
      const place = placeOf(held.topic, held.partition, held.position.settle(clock.monotonic()));
      return { held, place, text: JSON.stringify(place) };
    });
    this.commits += 1;
    const isAgain = this.commits % COMMIT_AGAIN_ROUNDS === 0;
    const due = all.filter(({ held, text }) => isAgain || text !== held.committed);
    // In one request; none for a partition that another member has got meanwhile.
    const commits = due.map(async ({ held, place, text }) => {
      await this.group.commit([place], () => this.isHeld(held));
      held.committed = text;
    });
    await Promise.all(commits);
  }

  private startOver(held: Held, why: string): void {
    const { partition, topic } = held;
    this.warn(topic, partition, why);
    held.position = this.beginning();
    this.parts.consumer.seek({ topic, partition, offset: '0' });
  }

  private warn(topic: string, partition: number, why: string): void {
    this.parts.warn(
      `mirrored topic ${topic}, partition ${partition} ${why}: it was made anew, and is read from ` +
        'its beginning',
    );
  }

  private beginning(): PeerPosition {
    return this.positionAt({ position: { done: 0, from: 0 }, mark: undefined });
  }

  private positionAt({ mark, position }: MarkedPosition): PeerPosition {
    return new PeerPosition(position, this.parts.dedupe.retentionMs, mark);
  }

  private isHeld(held: Held): boolean {
    return this.held.get(nameOf(held)) === held;
  }
}

function nameOf({ partition, topic }: { readonly topic: string; readonly partition: number }) {
  return `${topic}/${partition}`;
}
