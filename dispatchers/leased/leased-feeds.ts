import type { Contributed, Contributions } from '../../adapters/contributions';
import type { StateCache } from '../../adapters/state-cache';
import type { StateStore } from '../../adapters/state-store';
import { allEnded } from '../../runtime/all-ended';
import type { Clock } from '../../runtime/clock';
import { feedName, type Report } from '../../schemas/delivery';
import { DIGEST_BUCKETS } from '../../schemas/digest';
import { LikestreamError } from '../../schemas/errors';
import type { EventTypes } from '../../schemas/event-types';
import { isPeer } from '../../schemas/report';
import { type Feeds, mergeFeeds } from '../../schemas/state';
import type { Dispatch } from '../delivery/dispatch';
import { RENEWALS_WAIT_MS } from '../workers/beats';
import type { LostValues } from '../workers/removals';
import { type DeferredFeed, DeferredFeeds } from './deferred-feeds';
import { LeasedSaves } from './leased-saves';
import { type LeasedState, LeasedStates, MAX_SAVED_WAIT_MS, SAVED_WAIT_MS } from './leased-states';
import { OwnValues, type Published } from './own-values';

/** A report that waits longer than this in a dispatcher is refused; the worker repeats it. */
export const MAX_REPORT_AGE_MS = 1_000;

/** Buckets of a lost worker whose values are removed at the same time. */
const REMOVALS_IN_FLIGHT = 8;

/** All versions are greater. */
const NO_VERSION = 0;

const NONE: ReadonlyMap<string, Feeds> = new Map();

export interface LeasedFeedsOptions {
  readonly types: EventTypes;
  readonly contributions: Contributions;
  /** Has a contributor judged that may have no lease (`LiveWorkers.expect`). */
  readonly expect: (contributor: string) => void;
  readonly cache: Pick<StateCache, 'get' | 'put'>;
  readonly states: StateStore;
  readonly dispatch: Pick<Dispatch, 'cached' | 'changed'>;
  readonly clock: Clock;
  /** The origin of leased states, as in `dc1.0`. */
  readonly origin: string;
  /** Called for each failed step, which is repeated. */
  readonly failed: (doing: string, error: unknown) => void;
}

/**
 * The leased feeds, as any dispatcher handles them: it writes reports of contributors, computes the
 * states that change, and dispatches and saves them. Nothing of a feed is kept in memory but the
 * names of those that wait.
 */
export class LeasedFeeds implements LostValues {
  private readonly states: LeasedStates;
  private readonly saves: LeasedSaves;
  private readonly deferred: DeferredFeeds;
  private readonly own: OwnValues;

  constructor(private readonly options: LeasedFeedsOptions) {
    this.states = new LeasedStates(options);
    const savedOf = this.states.savedOf.bind(this.states);
    this.saves = new LeasedSaves({ ...options, savedOf });
    this.deferred = new DeferredFeeds({ ...options, publish: (feeds) => this.publishAgain(feeds) });
    this.own = new OwnValues({ ...options, states: this.states });
  }

  /** Whether states are held back now, so that those of some channels are not known yet. */
  get isHolding(): boolean {
    return this.deferred.isHolding;
  }

  /** Whether feeds wait to be published, which only this process knows. */
  get defers(): boolean {
    return this.deferred.isWaiting;
  }

  /** Publishes nothing until all workers had the time for two renewals: Redis has begun anew. */
  holdBack(): void {
    this.deferred.hold(RENEWALS_WAIT_MS);
  }

  /** Whether all values of this datacenter were repeated lately, as far as this process had to. */
  get repeatsAll(): boolean {
    return this.own.repeatsAll;
  }

  /** Calls the listener at each publication that workers of this datacenter have caused. */
  onPublished(listener: (published: Published) => void): void {
    this.own.listen(listener);
  }

  /**
   * Writes reports (`Contributions.report`), and dispatches the states that change. Resolves with
   * these states by channel. Rejects with `directory_unavailable` if the reports must be repeated.
   * `arrivedAt` is the time of their arrival, monotonic ms; now if not given.
   */
  async report(
    contributor: string,
    beat: number,
    reports: readonly Report[],
    buckets: readonly number[] = [],
    arrivedAt: number = this.options.clock.monotonic(),
  ): Promise<ReadonlyMap<string, Feeds>> {
    const { clock, contributions, types } = this.options;
    if (types.leased.length === 0 || reports.length + buckets.length === 0) return NONE;
    if (clock.monotonic() - arrivedAt > MAX_REPORT_AGE_MS) {
      throw new LikestreamError('directory_unavailable', 'a report has waited too long');
    }
    const changed = await contributions.report(contributor, beat, this.numbered(reports), buckets);
    if (changed.some(({ isLost }) => isLost)) this.deferred.holdForLosses();
    return this.publish(changed, !isPeer(contributor));
  }

  /** Sends the values of a worker to the listener again: those of some buckets, by rotation. */
  repeat(workerId: string, turn: number): void {
    if (this.isHolding) this.own.leaveOut();
    else this.own.repeat(workerId, turn);
  }

  gracesOf(contributor: string): readonly number[] {
    const all = new Set(this.options.types.leased.map(({ graceMs }) => graceMs));
    const graces = [...all].sort((one, other) => one - other);
    return isPeer(contributor) ? graces.filter((graceMs) => graceMs === 0) : graces;
  }

  async remove(contributor: string, beat: number, graceMs: number): Promise<boolean> {
    const lost = this.options.types.leased.filter((type) => type.graceMs === graceMs);
    const types = lost.map(({ name }) => name);
    let [next, removed] = [0, 0];
    const removeNext = async (): Promise<void> => {
      while (next < DIGEST_BUCKETS) {
        next += 1;
        removed += await this.removeBucket(contributor, beat, types, next - 1);
      }
    };
    await allEnded(Array.from({ length: REMOVALS_IN_FLIGHT }, removeNext));
    return removed === 0;
  }

  /** Saves what is not saved, and ends. Call it when the dispatch has finished. */
  async finish(): Promise<void> {
    this.deferred.close();
    await this.saves.finish();
  }

  /**
   * Reports whose feeds get versions above those that the worker has seen. While states are held
   * back also above an equal one: after a failover Redis may give it to other values.
   */
  private numbered(reports: readonly Report[]): readonly Report[] {
    if (!this.isHolding) return reports;
    const above = (seen: number): number => (seen > 0 ? seen + 1 : 0);
    return reports.map((report) => ({ ...report, seen: above(report.seen) }));
  }

  /** Removes the values of one bucket; resolves with the number of feeds that have changed. */
  private async removeBucket(
    contributor: string,
    beat: number,
    types: readonly string[],
    bucket: number,
  ): Promise<number> {
    const seen = new Set<string>();
    for (;;) {
      const changed = await this.options.contributions.remove(contributor, beat, types, bucket);
      const before = seen.size;
      for (const feed of changed) seen.add(feedName(feed));
      if (changed.length > 0) await this.publish(changed, !isPeer(contributor));
      // Feeds that are returned again could not be published; the next call repeats them.
      if (seen.size === before) return seen.size;
    }
  }

  private async publish(
    changed: readonly Contributed[],
    isOwn: boolean,
    maxReadMs = SAVED_WAIT_MS,
  ): Promise<ReadonlyMap<string, Feeds>> {
    if (changed.length === 0) return NONE;
    this.expectContributors(changed);
    if (this.isHolding) {
      this.deferred.add(changed, isOwn);
      return NONE;
    }
    const { states, unread } = await this.states.compute(changed, maxReadMs);
    this.deferred.add(unread, isOwn);
    await this.send(states, isOwn);
    if (isOwn) for (const state of states) this.own.published(state);
    return this.byChannel(states);
  }

  private async publishAgain(feeds: readonly DeferredFeed[]): Promise<void> {
    for (const isOwn of [true, false]) {
      const some = feeds.filter((feed) => feed.isOwn === isOwn);
      const above = some.map(({ channel, type }) => ({ channel, type, above: NO_VERSION }));
      if (above.length === 0) continue;
      const read = await this.options.contributions.read(above);
      await this.publish(read, isOwn, MAX_SAVED_WAIT_MS);
    }
  }

  private async send(states: readonly LeasedState[], isOwn: boolean): Promise<void> {
    const { clock, dispatch, origin, types } = this.options;
    const now = clock.now();
    const [shown, hidden]: [LeasedState[], LeasedState[]] = [[], []];
    for (const one of states) (types.isOnStreams(one.type) ? shown : hidden).push(one);
    dispatch.changed(
      shown.map(({ channel, state, type }) => {
        return { channel, type, vector: { [origin]: state }, t: now };
      }),
    );
    // The reporter repeats a report that fails; it would not repeat one whose state is lost. The
    // promise is taken at once: later it would not know of a round that has failed meanwhile.
    const cached = shown.length > 0 ? dispatch.cached() : undefined;
    await Promise.all([cached, this.cacheHidden(hidden, isOwn)]);
    for (const { channel, of } of shown) this.saves.add(of, channel);
  }

  /** Caches states that no stream carries, so that a GET finds them. */
  private async cacheHidden(states: readonly LeasedState[], isOwn: boolean): Promise<void> {
    if (states.length === 0) return;
    try {
      await this.options.cache.put(this.byChannel(states, true));
      for (const { channel, of } of states) this.saves.add(of, channel);
    } catch (error) {
      this.options.failed('write cache', error);
      this.deferred.add(states, isOwn);
    }
  }

  private byChannel(states: readonly LeasedState[], isHidden = false): ReadonlyMap<string, Feeds> {
    const { origin, types } = this.options;
    const all = new Map<string, Feeds>();
    for (const { channel, state, type } of states) {
      if (types.isOnStreams(type) === isHidden) continue;
      const feeds = { [type]: { [origin]: state } };
      all.set(channel, mergeFeeds(types.mergeOf, all.get(channel) ?? {}, feeds));
    }
    return all;
  }

  /** Has contributors judged that may have no lease, so that their values are removed. */
  private expectContributors(changed: readonly Contributed[]): void {
    for (const { type, values } of changed) {
      const of = this.options.types.get(type);
      const isAtOnce = of?.source === 'streams' && of.graceMs === 0;
      for (const contributor of values.keys()) {
        if (isAtOnce || !isPeer(contributor)) this.options.expect(contributor);
      }
    }
  }
}
