import type { Contributed, Contributions, LeasedFeed } from '../../adapters/contributions';
import type { StateStore } from '../../adapters/state-store';
import { BoundedMap } from '../../runtime/bounded-map';
import type { Clock } from '../../runtime/clock';
import { withDeadline } from '../../runtime/deadline';
import { feedName } from '../../schemas/delivery';
import { LikestreamError } from '../../schemas/errors';
import type { LeasedType } from '../../schemas/event-type';
import type { EventTypes } from '../../schemas/event-types';
import { isPeer } from '../../schemas/report';
import { newest, type Versioned } from '../../schemas/state';

/** The channels whose saved states one call reads. */
const CHANNELS_PER_READ = 200;

/** Computed states that are kept until the cache has them. */
const MAX_RECENT = 1_000;

/**
 * A report waits this long for saved states, because joins wait for it; then its feeds are
 * published later, which waits longer.
 */
export const SAVED_WAIT_MS = 500;
export const MAX_SAVED_WAIT_MS = 5_000;

/** A computed state of a leased feed. */
export interface LeasedState extends LeasedFeed {
  readonly of: LeasedType;
  readonly life: string;
  readonly state: Versioned;
  /** The joined value of the workers of this datacenter; undefined if none has one. */
  readonly own: unknown;
}

export interface LeasedStatesOptions {
  readonly types: EventTypes;
  readonly contributions: Pick<Contributions, 'read'>;
  readonly states: Pick<StateStore, 'load'>;
  readonly clock: Pick<Clock, 'after' | 'monotonic' | 'now'>;
  /** The origin of leased states, as in `dc1.0`. */
  readonly origin: string;
  /** Called for each failed read; its feeds are left out of the result. */
  readonly failed: (doing: string, error: unknown) => void;
}

/** A feed before its state is computed. */
interface Draft {
  readonly of: LeasedType;
  readonly feed: Contributed;
}

/** Computes the states of leased feeds from the values of their contributors. */
export class LeasedStates {
  /** The cache may not have these states yet. */
  private readonly recent = new BoundedMap<string, Versioned>(MAX_RECENT);

  constructor(private readonly options: LeasedStatesOptions) {}

  /**
   * The states of feeds. Feeds of unknown types are left out, and those whose saved state cannot be
   * read within `maxReadMs`: `unread` has them.
   */
  async compute(
    feeds: readonly Contributed[],
    maxReadMs: number,
  ): Promise<{ readonly states: readonly LeasedState[]; readonly unread: readonly LeasedFeed[] }> {
    const ready: Draft[] = [];
    const bySavedType = new Map<LeasedType, Contributed[]>();
    for (const feed of feeds) {
      const of = this.options.types.get(feed.type);
      if (of?.source !== 'streams') continue;
      const needsSaved = of.saveEveryMs !== undefined && (feed.isNew || !feed.before);
      if (needsSaved) bySavedType.set(of, [...(bySavedType.get(of) ?? []), feed]);
      else ready.push({ of, feed });
    }
    const unread: LeasedFeed[] = [];
    const until = this.options.clock.monotonic() + maxReadMs;
    for (const [of, all] of bySavedType) {
      for (let at = 0; at < all.length; at += CHANNELS_PER_READ) {
        const some = all.slice(at, at + CHANNELS_PER_READ);
        const read = await this.withSaved(of, some, until);
        if (read) ready.push(...read);
        else unread.push(...some);
      }
    }
    return { states: ready.map((draft) => this.stateOf(draft)), unread };
  }

  /** The state that is saved of one: of no contributors, because a reader may find no others. */
  savedOf(of: LeasedType, { state, version }: Versioned): Versioned {
    return { version, state: of.policy.next(state, undefined, this.options.clock.now()) };
  }

  /** The joined value of the workers of this datacenter; undefined if none has one. */
  ownIn({ type, values }: Contributed): unknown {
    const of = this.options.types.get(type);
    return of?.source === 'streams' ? joined(of, values).own : undefined;
  }

  /** Feeds with their saved states; undefined if these cannot be read. */
  private async withSaved(
    of: LeasedType,
    feeds: readonly Contributed[],
    until: number,
  ): Promise<Draft[] | undefined> {
    const { contributions, failed } = this.options;
    try {
      const saved = await this.saved(of, feeds, until);
      const versionOf = (feed: LeasedFeed) => saved.get(feed.channel)?.version ?? -1;
      const isBehind = (feed: Contributed) => feed.version <= versionOf(feed);
      const behind = feeds.filter(isBehind).map((feed) => {
        return { channel: feed.channel, type: of.name, above: versionOf(feed) };
      });
      const raised = behind.length > 0 ? await contributions.read(behind) : [];
      return [...feeds.filter((feed) => !isBehind(feed)), ...raised].map((feed) => {
        return { of, feed: withBefore(feed, saved.get(feed.channel)) };
      });
    } catch (error) {
      failed('read saved states', error);
      return undefined;
    }
  }

  /** The saved states of feeds, by channel; `until` is monotonic ms. */
  private async saved(
    { name }: LeasedType,
    feeds: readonly Contributed[],
    until: number,
  ): Promise<ReadonlyMap<string, Versioned>> {
    const { clock, origin, states, types } = this.options;
    const channels = feeds.map(({ channel }) => channel);
    const late = new LikestreamError('store_unavailable', 'a saved state takes too long');
    const waitMs = until - clock.monotonic();
    if (waitMs <= 0) throw late;
    const saved = new Map<string, Versioned>();
    const loading = states.load(channels, name);
    for (const one of await withDeadline(clock, waitMs, loading, late)) {
      if (one.origin !== origin) continue;
      const { state, version } = one;
      const [read] = Object.values(types.parseVector(name, { [origin]: { version, state } }));
      if (read) saved.set(one.channel, read);
    }
    return saved;
  }

  private stateOf({ feed, of }: Draft): LeasedState {
    const { channel, life, type, version } = feed;
    const name = feedName(feed);
    const before = withBefore(feed, this.recent.get(name)).before;
    const { now, own } = joined(of, feed.values);
    const state = { version, state: of.policy.next(before?.state, now, this.options.clock.now()) };
    this.recent.set(name, state);
    return { channel, type, of, life, state, own };
  }
}

/** A feed with the newer one of the state before and another one. */
function withBefore(feed: Contributed, other: Versioned | undefined): Contributed {
  if (!other) return feed;
  return { ...feed, before: feed.before ? newest(feed.before, other) : other };
}

/** The joined values of all contributors, and of those of this datacenter. */
function joined(
  { policy }: LeasedType,
  values: ReadonlyMap<string, unknown>,
): { readonly now: unknown; readonly own: unknown } {
  const all: unknown[] = [];
  const own: unknown[] = [];
  for (const [contributor, value] of values) {
    const parsed = policy.value.safeParse(value);
    if (!parsed.success) continue;
    all.push(parsed.data);
    if (!isPeer(contributor)) own.push(parsed.data);
  }
  const now = policy.join(all);
  return { now, own: own.length === all.length ? now : policy.join(own) };
}
