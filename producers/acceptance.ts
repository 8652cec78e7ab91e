import type { EventLog } from '../adapters/event-log';
import type { RowStore } from '../adapters/row-store';
import type { Clock } from '../runtime/clock';
import type { Entropy } from '../runtime/entropy';
import { channelOf } from '../schemas/channels';
import type { DedupeWindow } from '../schemas/dedupe-window';
import { LikestreamError } from '../schemas/errors';
import { uuidv7Time } from '../schemas/ids';
import { type Like, likes as likesType } from '../schemas/likes';
import { type Measures, UNMEASURED } from '../schemas/measures';
import type { AppendSequence } from './append-sequence';
import { LikeWriter, type WriteContext } from './like-writer';
import type { RecentIds } from './recent-ids';
import { StoreAvailability } from './store-availability';

/** A like of a request; the producer makes the id if the client sent none. */
export interface NewEntry {
  readonly likeId?: string | undefined;
  readonly reaction: string;
}

/** A like in the answer; `isNew` is false if its id was accepted before. */
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

/** A request with likes of one member for one video. */
interface LikesRequest extends WriteContext {
  readonly entries: readonly NewEntry[];
}

/** An `AcceptResult` whose like may not be written yet. */
interface PendingResult {
  readonly like: Promise<Like>;
  readonly isNew: boolean;
}

/** Likes that were accepted before, or are being written, by id. */
type KnownLikes = Map<string, Like | Promise<Like>>;

/** Accepts likes: writes them into the log and the store, and only then answers. */
export class Acceptance {
  private readonly measures: Measures;
  private readonly availability: StoreAvailability;
  private readonly writer: LikeWriter;

  constructor(private readonly options: AcceptanceOptions) {
    const { clock, measures = UNMEASURED, store } = options;
    this.measures = measures;
    this.availability = new StoreAvailability(store, clock);
    this.writer = new LikeWriter({ ...options, measures, availability: this.availability });
  }

  /**
   * Accepts likes for a video, in order; a repeated id among them is one like. Rejects with
   * `log_refused`, `log_unavailable` or `store_unavailable`: then either no like is accepted, or
   * all will be counted and stored. Rejects with `invalid_id` for an id more than a day ahead.
   */
  async accept(
    videoId: string,
    memberId: string,
    entries: readonly NewEntry[],
  ): Promise<AcceptResult[]> {
    const { clock } = this.options;
    // One reading of the clock: the record has the time by which its id was judged young.
    const at = clock.now();
    const arrivedAt = clock.monotonic();
    const request = { channel: channelOf(likesType, videoId), memberId, entries, at };
    await this.availability.require(request.channel);
    const known = await this.lookUp(request);
    this.measures.stage('accepted', clock.monotonic() - arrivedAt);
    const results = this.write(request, known);
    return Promise.all(results.map(async ({ like, isNew }) => ({ like: await like, isNew })));
  }

  /**
   * Looks up the ids that are not young, so that a repeated request gets the first one's answer.
   * The owner finds duplicates independently (`dedupe-window.ts`).
   */
  private async lookUp({ at, channel, entries }: LikesRequest): Promise<KnownLikes> {
    const { recent, store } = this.options;
    const known: KnownLikes = new Map();
    const toLookUp: string[] = [];
    for (const { likeId } of entries) {
      if (likeId === undefined || this.isYoung(likeId, at)) continue;
      const like = recent.get(channel, likeId);
      if (like) known.set(likeId, like);
      else toLookUp.push(likeId);
    }
    if (toLookUp.length === 0) return known;
    for (const like of await store.find(channel, toLookUp)) known.set(like.likeId, like);
    return known;
  }

  private isYoung(likeId: string, at: number): boolean {
    const { dedupe } = this.options;
    const made = uuidv7Time(likeId);
    if (!dedupe.isTooFarAhead(made, at)) return dedupe.isYoung(made, at);
    throw new LikestreamError('invalid_id', `the time in ${likeId} is more than a day ahead`);
  }

  // Synchronous, so that simultaneous requests with one id find each other in `recent`.
  private write(request: LikesRequest, known: KnownLikes): PendingResult[] {
    const { at, channel, entries } = request;
    const { entropy, recent } = this.options;
    const toWrite = new Map<string, string>();
    const results = entries.map(({ likeId = entropy.timedId(at), reaction }) => {
      const first = known.get(likeId) ?? recent.get(channel, likeId);
      if (first) return { like: Promise.resolve(first).then(toLike), isNew: false };
      if (!toWrite.has(likeId)) toWrite.set(likeId, reaction);
      return likeId;
    });
    if (toWrite.size === 0) return results.filter((result) => typeof result !== 'string');
    const written = this.writeAll(request, toWrite);
    for (const likeId of toWrite.keys()) recent.add(channel, likeId, likeOf(written, likeId));
    return results.map((result) =>
      typeof result === 'string' ? { like: likeOf(written, result), isNew: true } : result,
    );
  }

  private async writeAll(
    request: LikesRequest,
    reactions: ReadonlyMap<string, string>,
  ): Promise<ReadonlyMap<string, Like>> {
    const rows = await this.writer.write(request, reactions);
    return new Map(rows.map((row) => [row.likeId, toLike(row)]));
  }
}

function toLike({ likeId, videoId, reaction, at }: Like): Like {
  return { likeId, videoId, reaction, at };
}

async function likeOf(written: Promise<ReadonlyMap<string, Like>>, likeId: string): Promise<Like> {
  const like = (await written).get(likeId);
  if (!like) throw new LikestreamError('internal', `${likeId} is missing among the written likes`);
  return like;
}
