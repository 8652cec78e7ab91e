import type { LikeStore } from '../producers/store';
import type { Clock } from '../runtime/clock';
import type { Told } from '../schemas/broadcast';
import type { Update } from '../schemas/delivery';
import { LikestreamError } from '../schemas/errors';
import { uuidv7Time } from '../schemas/ids';
import type { LikeRecord } from '../schemas/likes';
import { type Measures, UNMEASURED } from '../schemas/measures';
import type { Broadcast } from './broadcast';
import type { Doubles } from './doubles';
import type { Fold } from './fold';
import {
  byChannel,
  type Cancelled,
  eventIn,
  isLike,
  type LogEvent,
  type Logged,
  named,
  timeOf,
} from './log-event';
import type { LogRecord, Position } from './source';
import { StoreDebts } from './store-debts';
import type { UnstoredRecords } from './unstored';
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
  /** Where there are other datacenters: they are told what was counted, and what both took is found. */
  readonly peers?: {
    readonly broadcast: Pick<Broadcast, 'counted'>;
    readonly doubles: Doubles;
  };
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
  private readonly debts: StoreDebts;
  private turn: Promise<unknown> = Promise.resolve();

  constructor(
    private position: Position,
    private readonly parts: PartitionParts,
  ) {
    this.next = position.done;
    this.saved = position.done;
    this.measures = parts.measures ?? UNMEASURED;
    this.debts = new StoreDebts(parts);
  }

  /** Takes records in order, and gives what their channels have become. All or nothing. */
  take(records: readonly LogRecord[]): Promise<Update[]> {
    return this.inTurn(() => this.takeNow(records));
  }

  /** Learns what another datacenter has made of a channel, and gives what that has become here. */
  hear(told: Told): Promise<Update> {
    return this.inTurn(() => this.hearNow(told));
  }

  /** Stores what dead producers left, saves the states. Gives how far the partition is done. */
  async settle(): Promise<Position> {
    const end = this.next;
    await Promise.all([
      this.debts.settle(),
      this.parts.fold.save(),
      this.parts.peers?.doubles.flush(),
    ]);
    this.saved = end;
    const done = Math.min(this.saved, this.parts.unstored.firstOffset ?? this.saved);
    this.position = { done, from: this.rewound(done) };
    return this.position;
  }

  /** Whether anything waits to be stored or saved. */
  get unsettled(): boolean {
    const doubles = this.parts.peers?.doubles.size ?? 0;
    return this.parts.fold.dirty || this.debts.any || doubles > 0;
  }

  // A channel must not be let go of between its load and its counting.
  private inTurn<Result>(task: () => Promise<Result>): Promise<Result> {
    const result = this.turn.then(task, task);
    this.turn = result;
    return result;
  }

  private async takeNow(records: readonly LogRecord[]): Promise<Update[]> {
    if (this.parts.unstored.size > MAX_UNSTORED) {
      throw new LikestreamError('store_unavailable', 'too much is waiting for the store');
    }
    const events = records
      .map((record) => this.read(record))
      .filter((event) => event !== undefined);
    const fresh = events.filter(isLike).filter(({ offset }) => offset >= this.next);
    await this.parts.fold.load(new Set(events.map(({ channel }) => channel)));
    const stored = await this.findStored(fresh);
    const updates = new Map<string, Update>();
    for (const event of events) {
      this.note(event.offset, timeOf(event));
      if (isLike(event)) this.takeLike(event, stored);
      else this.takeCancel(event);
      this.tell(event, updates);
    }
    this.next = Math.max(this.next, (records.at(-1)?.offset ?? -1) + 1);
    this.parts.fold.letGo();
    return [...updates.values()];
  }

  private async hearNow(told: Told): Promise<Update> {
    const { channel, t, taken } = told;
    await this.parts.fold.load(new Set([channel]));
    this.parts.fold.learn(channel, told.vector);
    const { doubles } = this.parts.peers ?? {};
    const theirs = Object.entries(taken).flatMap(([reaction, ids]) =>
      ids.map((likeId) => named(this.parts.secret, channel, likeId, reaction)),
    );
    await doubles?.hear(told, theirs, ({ id }) => this.knows(id));
    await doubles?.flush();
    const vector = this.parts.fold.vector(channel);
    this.parts.fold.letGo();
    return { channel, t, vector };
  }

  private takeLike(event: Logged, stored: ReadonlySet<Logged>): void {
    const { channel, id, offset, record } = event;
    const isUnseen = this.parts.window.admit(id, record.at);
    const isNew = isUnseen && !this.parts.unstored.knows(id) && !stored.has(event);
    if (isNew && offset >= this.position.done) {
      this.parts.unstored.add(event, this.parts.clock.now());
      this.tellPeers(event);
    }
    if (offset >= this.next) {
      if (isNew) this.count(event);
      else this.parts.fold.pass(channel, offset);
    }
  }

  private takeCancel({ cancel, channel, id, offset }: Cancelled): void {
    const isNew = this.parts.window.admit(id, cancel.at);
    if (isNew && offset >= this.position.done) this.debts.cancel(channel, cancel.cancels);
    if (offset < this.next) return;
    if (isNew) this.parts.fold.uncount(channel, cancel.reaction, offset);
    else this.parts.fold.pass(channel, offset);
  }

  private tell(event: LogEvent, updates: Map<string, Update>): void {
    const { channel } = event;
    // What an earlier owner had counted is told too: it may have died before it could.
    const t = Math.min(timeOf(event), updates.get(channel)?.t ?? timeOf(event));
    updates.set(channel, { channel, vector: this.parts.fold.vector(channel), t });
  }

  private tellPeers({ channel, id, record: { likeId, reaction } }: Logged): void {
    this.parts.peers?.broadcast.counted(channel, reaction, likeId);
    this.parts.peers?.doubles.counted({ channel, id, likeId, reaction });
  }

  private knows(id: bigint): boolean {
    return this.parts.window.has(id) || this.parts.unstored.knows(id);
  }

  private count({ channel, offset, record }: Logged): void {
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
  private async findStored(events: readonly Logged[]): Promise<Set<Logged>> {
    const asked = events.filter(
      ({ channel, record }) => record.at <= this.parts.fold.lookUpUntil(channel),
    );
    const stored = new Set<Logged>();
    for (const [channel, theirs] of byChannel(asked)) {
      const ids = theirs.map(({ record }) => record.likeId);
      const rows = new Map<string, number>();
      for (const { likeId, offset } of await this.parts.store.find(channel, ids)) {
        if (offset !== undefined) rows.set(likeId, offset);
      }
      for (const event of theirs) {
        if ((rows.get(event.record.likeId) ?? event.offset) < event.offset) stored.add(event);
      }
    }
    return stored;
  }

  private read(record: LogRecord): LogEvent | undefined {
    try {
      return eventIn(record, this.parts.secret);
    } catch {
      this.parts.unreadable(record);
      return undefined;
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
