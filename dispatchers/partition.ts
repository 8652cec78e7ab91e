import type { LikeStore } from '../producers/store';
import type { Clock } from '../runtime/clock';
import type { Update } from '../schemas/delivery';
import { LikestreamError } from '../schemas/errors';
import { fingerprint } from '../schemas/hash';
import { uuidv7Time } from '../schemas/ids';
import { type LikeRecord, likeRecord } from '../schemas/likes';
import { type Measures, UNMEASURED } from '../schemas/measures';
import type { Fold } from './fold';
import type { LogRecord, Position } from './source';
import type { Unstored, UnstoredRecords } from './unstored';
import type { Window } from './window';

/** More records not known to be stored than this, and no more are taken until some are. */
export const MAX_UNSTORED = 100_000;

const CHECKPOINTS_PER_WINDOW = 16;

// A window, and a quarter for checkpoints being apart and for producers' clocks that differ.
const REWIND_WINDOWS = 1.25;

export interface PartitionParts {
  readonly fold: Fold;
  readonly window: Window;
  readonly windowMs: number;
  readonly unstored: UnstoredRecords;
  readonly store: LikeStore;
  readonly clock: Clock;
  /** Keys the fingerprints, so that nobody can make two ids collide. */
  readonly secret: string;
  /** Told of a record that cannot be read; it is passed over. */
  readonly unreadable: (record: LogRecord) => void;
  readonly measures?: Measures;
}

/** A partition of the log, as its owner works on it. */
export class Partition {
  // A new owner reads from `position.from` on, to know the ids; remembers as unstored from
  // `position.done` on; and counts from `next` on, which runs ahead as records come.
  /** All below is folded, by us or by an earlier owner. */
  private next: number;
  /** All below is in saved states. */
  private saved: number;
  private readonly measures: Measures;
  /** Log places by the time of their records, so that `from` can lie a window behind `done`. */
  private checkpoints: { offset: number; at: number }[] = [];

  constructor(
    private position: Position,
    private readonly parts: PartitionParts,
  ) {
    this.next = position.done;
    this.saved = position.done;
    this.measures = parts.measures ?? UNMEASURED;
  }

  /** Takes records in order, and gives what their channels have become. All or nothing. */
  async take(records: readonly LogRecord[]): Promise<Update[]> {
    if (this.parts.unstored.size > MAX_UNSTORED) {
      throw new LikestreamError('store_unavailable', 'too much is waiting for the store');
    }
    const events = records
      .map((record) => this.read(record))
      .filter((event) => event !== undefined);
    const fresh = events.filter(({ offset }) => offset >= this.next);
    await this.parts.fold.load(new Set(events.map(({ channel }) => channel)));
    const stored = await this.findStored(fresh);
    const updates = new Map<string, Update>();
    for (const event of events) this.takeOne(event, stored, updates);
    this.next = Math.max(this.next, (records.at(-1)?.offset ?? -1) + 1);
    this.parts.fold.letGo();
    return [...updates.values()];
  }

  /** Stores what dead producers left, saves the states. Gives how far the partition is done. */
  async settle(): Promise<Position> {
    const end = this.next;
    await Promise.all([this.storeLeft(), this.parts.fold.save()]);
    this.saved = end;
    const done = Math.min(this.saved, this.parts.unstored.firstOffset ?? this.saved);
    this.position = { done, from: this.rewound(done) };
    return this.position;
  }

  /** Whether anything waits to be stored or saved. */
  get unsettled(): boolean {
    return this.parts.fold.dirty || this.parts.unstored.size > 0;
  }

  private takeOne(
    event: Unstored,
    stored: ReadonlySet<Unstored>,
    updates: Map<string, Update>,
  ): void {
    const { channel, id, offset, record } = event;
    this.note(offset, record.at);
    const isUnseen = this.parts.window.admit(id, record.at);
    const isNew = isUnseen && !this.parts.unstored.knows(id) && !stored.has(event);
    if (isNew && offset >= this.position.done) {
      this.parts.unstored.add(event, this.parts.clock.now());
    }
    if (offset >= this.next) {
      if (isNew) this.count(event);
      else this.parts.fold.pass(channel, offset);
    }
    // What an earlier owner had counted is told too: it may have died before it could.
    const t = Math.min(record.at, updates.get(channel)?.t ?? record.at);
    updates.set(channel, { channel, vector: this.parts.fold.vector(channel), t });
  }

  private count({ channel, offset, record }: Unstored): void {
    this.parts.fold.count(channel, record.reaction, offset, this.aheadUntil(record));
    this.measures.folded(1);
  }

  /** Until when a copy of an id from far ahead of the clock could pass for a young one. */
  private aheadUntil({ at, likeId }: LikeRecord): number | undefined {
    const made = uuidv7Time(likeId) ?? 0;
    const isAhead = made - at > this.parts.windowMs / 2;
    return isAhead ? made + this.parts.windowMs / 2 : undefined;
  }

  /** Those events whose ids are in the store from earlier in the log, where that has to be asked. */
  private async findStored(events: readonly Unstored[]): Promise<Set<Unstored>> {
    const asked = events.filter(
      ({ channel, record }) => record.at <= this.parts.fold.lookUpUntil(channel),
    );
    const stored = new Set<Unstored>();
    for (const [channel, theirs] of byChannel(asked)) {
      const ids = theirs.map(({ record }) => record.likeId);
      const rows = new Map<string, number>();
      for (const row of await this.parts.store.find(channel, ids)) rows.set(row.likeId, row.offset);
      for (const event of theirs) {
        if ((rows.get(event.record.likeId) ?? event.offset) < event.offset) stored.add(event);
      }
    }
    return stored;
  }

  private read(record: LogRecord): Unstored | undefined {
    try {
      const { offset, key: channel } = record;
      const like = likeRecord.parse(JSON.parse(record.value));
      const id = fingerprint(this.parts.secret, `${channel}/${like.likeId}`);
      return { offset, channel, id, record: like };
    } catch {
      this.parts.unreadable(record);
      return undefined;
    }
  }

  private async storeLeft(): Promise<void> {
    const left = this.parts.unstored.left(this.parts.clock.now());
    for (const [channel, items] of byChannel(left)) {
      const likes = items.map(({ offset, record }) => toStored(channel, offset, record));
      await this.parts.store.insert(channel, likes);
      this.parts.unstored.settle(items, this.parts.clock.now());
    }
  }

  private note(offset: number, at: number): void {
    const apart = this.parts.windowMs / CHECKPOINTS_PER_WINDOW;
    const last = this.checkpoints.at(-1);
    if (!last || at >= last.at + apart) this.checkpoints.push({ offset, at });
  }

  private rewound(done: number): number {
    const last = this.checkpoints.findLast(({ offset }) => offset < done);
    const until = (last?.at ?? 0) - REWIND_WINDOWS * this.parts.windowMs;
    while ((this.checkpoints[1]?.at ?? Number.POSITIVE_INFINITY) <= until) this.checkpoints.shift();
    return Math.min(done, this.checkpoints[0]?.offset ?? this.position.from);
  }
}

function byChannel(items: readonly Unstored[]): Map<string, Unstored[]> {
  const groups = new Map<string, Unstored[]>();
  for (const item of items) {
    const group = groups.get(item.channel);
    if (group) group.push(item);
    else groups.set(item.channel, [item]);
  }
  return groups;
}

function toStored(channel: string, offset: number, record: LikeRecord) {
  const { likeId, memberId, reaction, at } = record;
  const videoId = channel.slice(channel.indexOf(':') + 1);
  return { likeId, videoId, memberId, reaction, at, offset };
}
