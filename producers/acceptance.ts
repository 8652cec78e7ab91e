import type { EventLog } from '../adapters/event-log';
import type { RowStore, StoredLike } from '../adapters/row-store';
import type { Clock } from '../runtime/clock';
import type { Entropy } from '../runtime/entropy';
import { channelOf } from '../schemas/channels';
import type { DedupeWindow } from '../schemas/dedupe-window';
import { LikestreamError } from '../schemas/errors';
import { uuidv7Time } from '../schemas/ids';
import { type Like, type LikeRecord, likes as likesType } from '../schemas/likes';
import { type Measures, UNMEASURED } from '../schemas/measures';
import type { AppendSequence, SequenceRange } from './append-sequence';
import type { RecentIds } from './recent-ids';

/** After the store failed, likes are refused for so long before it is asked again. */
export const STORE_UNAVAILABLE_MS = 1_000;

/** An id that is looked up to see whether the store answers. */
const PROBE_ID = '-';

/** A like as it is asked for: a member's, with the id that its client gave it, if it gave one. */
export interface NewEntry {
  readonly likeId?: string | undefined;
  readonly reaction: string;
}

/** A like that was taken; `isNew` is false when that id was there already. */
export interface AcceptResult {
  readonly like: Like;
  readonly isNew: boolean;
}

export interface AcceptanceOptions {
  readonly log: EventLog;
  readonly store: RowStore;
  readonly sequence: AppendSequence;
  readonly recent: RecentIds;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly dedupe: DedupeWindow;
  readonly measures?: Measures;
}

type Draft = Omit<LikeRecord, 'producer' | 'seq' | 'stored'>;

/** What is to be answered: a like that was known, or one on its way. */
interface Plan {
  readonly like: Promise<Like>;
  readonly isNew: boolean;
}

/** Likes that were taken before, or are being taken, by id. */
type KnownEntries = Map<string, Like | Promise<Like>>;

/** Takes likes: into the log, then into the store, and only then is the answer given. */
export class Acceptance {
  private storeUnavailableUntil: number | undefined;
  private readonly measures: Measures;

  constructor(private readonly parts: AcceptanceOptions) {
    this.measures = parts.measures ?? UNMEASURED;
  }

  /**
   * Takes all of `asked` for a video, in order; an id twice among them is one. Rejects with
   * `log_unavailable` or `store_unavailable`: then the likes are either not taken at all, or will
   * be both counted and stored. Rejects with `invalid_id` for an id of more than a day ahead.
   */
  async accept(
    videoId: string,
    memberId: string,
    asked: readonly NewEntry[],
  ): Promise<AcceptResult[]> {
    const { clock } = this.parts;
    // The clock is read once: the record carries the time by which its id was judged young.
    const at = clock.now();
    const arrived = clock.monotonic();
    const channel = channelOf(likesType, videoId);
    await this.refuseWhileStoreIsUnavailable(channel);
    const known = await this.lookUp(channel, asked, at);
    this.measures.stage('accepted', clock.monotonic() - arrived);
    const plans = this.plan(channel, videoId, memberId, asked, known, at);
    return Promise.all(plans.map(async ({ like, isNew }) => ({ like: await like, isNew })));
  }

  /** Refuses before anything is appended while the store is known to be away. */
  private async refuseWhileStoreIsUnavailable(channel: string): Promise<void> {
    if (this.storeUnavailableUntil === undefined) return;
    if (this.parts.clock.monotonic() < this.storeUnavailableUntil) {
      throw new LikestreamError('store_unavailable');
    }
    this.storeUnavailableUntil = this.parts.clock.monotonic() + STORE_UNAVAILABLE_MS;
    await this.parts.store.find(channel, [PROBE_ID]);
    this.storeUnavailableUntil = undefined;
  }

  /**
   * Looks up the ids that are not young, so that a repeated request gets the first one's body. The
   * owner finds duplicates independently (`dedupe-window.ts`).
   */
  private async lookUp(
    channel: string,
    asked: readonly NewEntry[],
    at: number,
  ): Promise<KnownEntries> {
    const known: KnownEntries = new Map();
    const unseen: string[] = [];
    for (const { likeId } of asked) {
      if (likeId === undefined || this.isYoung(likeId, at)) continue;
      const recent = this.parts.recent.get(channel, likeId);
      if (recent) known.set(likeId, recent);
      else unseen.push(likeId);
    }
    if (unseen.length === 0) return known;
    for (const like of await this.parts.store.find(channel, unseen)) known.set(like.likeId, like);
    return known;
  }

  private isYoung(likeId: string, at: number): boolean {
    const { dedupe } = this.parts;
    const made = uuidv7Time(likeId);
    if (!dedupe.isTooFarAhead(made, at)) return dedupe.isYoung(made, at);
    throw new LikestreamError('invalid_id', `the time in ${likeId} is more than a day ahead`);
  }

  // Nothing waits in here, so copies that come at the same moment meet in `recent`.
  private plan(
    channel: string,
    videoId: string,
    memberId: string,
    asked: readonly NewEntry[],
    known: KnownEntries,
    at: number,
  ): Plan[] {
    const drafts = new Map<string, Draft>();
    const planned = asked.map(({ likeId, reaction }): Plan | string => {
      const name = likeId ?? this.parts.entropy.timedId(at);
      const first = known.get(name) ?? this.parts.recent.get(channel, name);
      if (first) return { like: Promise.resolve(first).then(asOutside), isNew: false };
      if (!drafts.has(name)) {
        drafts.set(name, { likeId: name, memberId, reaction, at });
      }
      return name;
    });
    if (drafts.size === 0) return planned.filter((plan) => typeof plan !== 'string');
    const written = this.write(channel, videoId, [...drafts.values()]);
    for (const likeId of drafts.keys()) {
      this.parts.recent.add(channel, likeId, likeOf(written, likeId));
    }
    return planned.map((plan) =>
      typeof plan === 'string' ? { like: likeOf(written, plan), isNew: true } : plan,
    );
  }

  private async write(
    channel: string,
    videoId: string,
    drafts: readonly Draft[],
  ): Promise<Map<string, Like>> {
    const { clock, sequence: ledger, log, store } = this.parts;
    const began = clock.monotonic();
    const ticket = ledger.reserve(drafts.length);
    try {
      const offsets = await log.append(likesType.topic, entries(channel, drafts, ticket));
      const logged = clock.monotonic();
      const rows = drafts.map((draft, index) => toRow(videoId, draft, offsets[index] ?? 0));
      await this.insert(store, channel, rows);
      ledger.confirm(ticket);
      this.measures.stage('logged', logged - began);
      this.measures.stage('stored', clock.monotonic() - logged);
      return new Map(rows.map((row) => [row.likeId, asOutside(row)]));
    } catch (error) {
      // After a refusal nothing of it is in the log; else the owner stores what is.
      const isRefused = error instanceof LikestreamError && error.code === 'log_refused';
      if (isRefused) ledger.confirm(ticket);
      else ledger.startNewName();
      throw error;
    }
  }

  private async insert(store: RowStore, channel: string, rows: StoredLike[]): Promise<void> {
    try {
      await store.insert(channel, rows);
    } catch (error) {
      this.storeUnavailableUntil = this.parts.clock.monotonic() + STORE_UNAVAILABLE_MS;
      throw error;
    }
  }
}

function entries(channel: string, drafts: readonly Draft[], ticket: SequenceRange) {
  const { producer, first, stored } = ticket;
  return drafts.map((draft, index) => {
    const record: LikeRecord = { ...draft, producer, seq: first + index, stored };
    return { key: channel, value: JSON.stringify(record) };
  });
}

function toRow(videoId: string, draft: Draft, offset: number): StoredLike {
  const { likeId, memberId, reaction, at } = draft;
  return { likeId, videoId, memberId, reaction, at, offset };
}

function asOutside({ likeId, videoId, reaction, at }: Like): Like {
  return { likeId, videoId, reaction, at };
}

async function likeOf(written: Promise<Map<string, Like>>, likeId: string): Promise<Like> {
  const like = (await written).get(likeId);
  if (!like) throw new LikestreamError('internal', 'a like was lost between plan and write');
  return like;
}
