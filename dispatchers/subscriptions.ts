import type { Directory } from '../adapters/directory';
import type { Leases } from '../adapters/leases';
import type { StateCache } from '../adapters/state-cache';
import type { StateStore } from '../adapters/state-store';
import type { Clock } from '../runtime/clock';
import { withDeadline } from '../runtime/deadline';
import {
  type Joined,
  jsonBytes,
  MAX_MESSAGE_BYTES,
  type Membership,
  type Renewal,
  type Renewed,
} from '../schemas/delivery';
import { LikestreamError } from '../schemas/errors';
import type { EventTypes } from '../schemas/event-types';
import { type Feeds, mergeFeeds, type State, toFeeds } from '../schemas/state';
import { byChannel } from './by-channel';
import type { LeasedFeeds } from './leased/leased-feeds';

/** The longest time that a join waits for saved states if the cache has some of its channels. */
const SAVED_WAIT_MS = 500;

/** Channels whose states are read in one batch. */
export const MAX_CHANNELS_PER_READ = 200;

/** JSON's bytes around a channel's name and feeds. */
const STATE_FRAME_BYTES = 32;

/** Bytes of an answer's states; the rest is for the names of channels whose states are left out. */
const MAX_STATES_BYTES = MAX_MESSAGE_BYTES / 2;

/** A membership; without reports it needs no turn. */
type MembershipRequest = Omit<Membership, 'reports' | 'turn'> &
  Partial<Pick<Membership, 'reports' | 'turn'>>;

export interface SubscriptionsOptions {
  readonly types: EventTypes;
  readonly directory: Pick<Directory, 'change' | 'digest'>;
  readonly leases: Pick<Leases, 'renew'>;
  readonly cache: StateCache;
  readonly states: StateStore;
  readonly clock: Pick<Clock, 'after' | 'monotonic'>;
  /** Undefined if there are no leased feeds. */
  readonly leased?: Pick<LeasedFeeds, 'defers' | 'isHolding' | 'repeat' | 'report'> | undefined;
}

/** Answers frontends that subscribe. Any dispatcher answers any frontend. */
export class SubscriptionService {
  constructor(private readonly options: SubscriptionsOptions) {}

  /**
   * Renews the lease and compares the worker's digest with the directory's. Any lost message makes
   * a bucket unequal. Reads no state.
   */
  async renew({ worker, digest, turn }: Renewal): Promise<Renewed> {
    const { directory, leased, leases } = this.options;
    leased?.repeat(worker.id, turn);
    const reading = directory.digest(worker.id, turn);
    const [ours] = await Promise.all([reading, leases.renew(worker, turn)]);
    return { unequal: ours.flatMap((sum, bucket) => (sum === digest[bucket] ? [] : [bucket])) };
  }

  /** When a request arrives, for `change`: monotonic ms. */
  arrival(): number {
    return this.options.clock.monotonic();
  }

  /**
   * Writes the reports and the membership, and then reads the states, so no update between the two
   * is lost.
   */
  async change(
    { worker, join, leave, buckets, reports = [], turn = 0 }: MembershipRequest,
    arrivedAt?: number,
  ): Promise<Joined> {
    const { directory, leased } = this.options;
    const computed = await leased?.report(worker.id, turn, reports, buckets, arrivedAt);
    await directory.change(worker.id, join, leave, buckets);
    const answer = new Answer();
    for (let at = 0; at < join.length; at += MAX_CHANNELS_PER_READ) {
      await this.read(join.slice(at, at + MAX_CHANNELS_PER_READ), answer, computed);
    }
    const isHeld = reports.length > 0 && leased?.defers === true;
    return { ...answer.joined(), ...(isHeld && { isHeld }) };
  }

  /** `computed` has states that may not be in the cache yet. */
  private async read(
    channels: readonly string[],
    answer: Answer,
    computed: ReadonlyMap<string, Feeds> = new Map(),
  ): Promise<void> {
    if (answer.isFull) return answer.leave(channels);
    const { cache, types } = this.options;
    const cached = await cache.get(channels);
    const saved = await this.load(channels, answer, cached);
    const newer = new Map<string, Feeds>();
    for (const channel of channels) {
      const [before, found] = [cached.get(channel), saved.get(channel)];
      const newest = found ? mergeFeeds(types.mergeOf, before ?? {}, found) : before;
      if (newest && newest !== before && Object.keys(newest).length > 0) newer.set(channel, newest);
      const leased = computed.get(channel);
      const all = leased ? mergeFeeds(types.mergeOf, newest ?? {}, leased) : newest;
      answer.add(channel, all && this.onStreams(all));
      if (all && (!found || this.isHeldBack(channel, all))) answer.leave([channel]);
    }
    // The directory's digests are sums of cached versions: without these no bucket is ever equal.
    await cache.put(newer);
  }

  /** The feeds that frontends know. */
  private onStreams(feeds: Feeds): Feeds {
    const { isOnStreams } = this.options.types;
    if (Object.keys(feeds).every(isOnStreams)) return feeds;
    return Object.fromEntries(Object.entries(feeds).filter(([type]) => isOnStreams(type)));
  }

  /** Whether a leased state of a channel is not known yet. */
  private isHeldBack(channel: string, feeds: Feeds): boolean {
    const { leased, types } = this.options;
    if (!leased?.isHolding) return false;
    return types.of(channel).some(({ name, source }) => source === 'streams' && !(name in feeds));
  }

  /**
   * The saved states of channels; none after a failure of the store. A restored cache may be older,
   * so a frontend joins a channel again if its cached state was sent without the saved one.
   */
  protected async load(
    channels: readonly string[],
    answer: { failure: { readonly error: unknown } | undefined },
    cached: ReadonlyMap<string, Feeds>,
  ): Promise<ReadonlyMap<string, Feeds>> {
    if (answer.failure) return new Map();
    const { clock, states } = this.options;
    try {
      const loading = states.load(channels);
      const late = new LikestreamError('store_unavailable', 'a saved state takes too long');
      const saved = cached.size > 0 ? withDeadline(clock, SAVED_WAIT_MS, loading, late) : loading;
      return this.feedsOf(channels, await saved);
    } catch (error) {
      answer.failure = { error };
      return new Map();
    }
  }

  /**
   * The saved feeds of each channel, verified. Saved states of leased feeds have no values of
   * workers, so they are left out: a leased state that is not cached is not known yet.
   */
  private feedsOf(channels: readonly string[], states: readonly State[]): Map<string, Feeds> {
    const { types } = this.options;
    const saved = byChannel(states.filter(({ type }) => types.get(type)?.source !== 'streams'));
    return new Map(
      channels.map((of) => [of, types.parseFeeds(toFeeds(saved.get(of) ?? []))] as const),
    );
  }
}

/** Builds an answer of bounded size. Frontends join the channels again that it leaves out. */
class Answer {
  /** The error of a failed read. */
  failure: { readonly error: unknown } | undefined;
  private readonly states: { channel: string; feeds: Feeds }[] = [];
  private readonly left: string[] = [];
  private bytes = 0;

  get isFull(): boolean {
    return this.bytes >= MAX_STATES_BYTES;
  }

  /** Adds a channel; leaves it out if it is unknown or does not fit. The first one always fits. */
  add(channel: string, feeds: Feeds | undefined): void {
    const bytes = STATE_FRAME_BYTES + channel.length + jsonBytes(feeds ?? {});
    const fits = this.states.length === 0 || this.bytes + bytes <= MAX_STATES_BYTES;
    if (!feeds || !fits) {
      this.left.push(channel);
      return;
    }
    this.states.push({ channel, feeds });
    this.bytes += bytes;
  }

  leave(channels: readonly string[]): void {
    this.left.push(...channels);
  }

  /** The answer; throws the error if no state could be read, although the membership is written. */
  joined(): Joined {
    const { failure, left, states } = this;
    if (failure && states.length === 0) throw failure.error;
    return left.length > 0 ? { states, left } : { states };
  }
}
