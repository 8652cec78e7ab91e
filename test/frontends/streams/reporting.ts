import { EmbeddedContributions } from '../../../adapters/embedded/contributions';
import { EmbeddedDirectory } from '../../../adapters/embedded/directory';
import { EmbeddedCache } from '../../../adapters/embedded/state-cache';
import type { Subscriptions } from '../../../adapters/subscriptions';
import { Channels } from '../../../frontends/channels/channels';
import { Memberships } from '../../../frontends/memberships';
import { StreamMeters } from '../../../frontends/streams/stream-meters';
import type { Joined, Membership, Renewal } from '../../../schemas/delivery';
import { sumOfDigests } from '../../../schemas/digest';
import { LikestreamError } from '../../../schemas/errors';
import { EventTypes } from '../../../schemas/event-types';
import { likes } from '../../../schemas/likes';
import { presence } from '../../../schemas/presence';
import type { Feeds } from '../../../schemas/state';
import { viewers } from '../../../schemas/viewers';
import { visitors } from '../../../schemas/visitors';
import { VirtualClock } from '../../simulation/virtual-clock';

const TYPES = new EventTypes([likes, viewers, visitors, presence]);
const ORIGIN = 'dc1.0';

/** What a call between a worker and a dispatcher loses. */
export type Fault = 'request' | 'answer' | 'delivery' | 'late';

/** The embedded directory, and the least of a dispatcher: it computes states and delivers them. */
export class ReportDirectory {
  readonly clock = new VirtualClock();
  readonly cache = new EmbeddedCache(TYPES);
  readonly directory = new EmbeddedDirectory(this.cache);
  readonly contributions = new EmbeddedContributions({
    cache: this.cache,
    holdings: this.directory.holdings,
    origin: ORIGIN,
    newLife: () => 'life',
  });
  readonly workers: ReportingWorker[] = [];
  /** Every change that arrived, in order. */
  readonly changes: Membership[] = [];

  async renew({ digest, turn, worker }: Renewal): Promise<{ unequal: number[] }> {
    const ours = await this.directory.digest(worker.id);
    void turn;
    return { unequal: ours.flatMap((sum, bucket) => (sum === digest[bucket] ? [] : [bucket])) };
  }

  async change(change: Membership): Promise<Joined> {
    const { buckets, join, leave, reports, turn, worker } = change;
    this.changes.push(structuredClone(change));
    await this.directory.change(worker.id, join, leave, buckets);
    await this.publish(
      await this.contributions.report(worker.id, turn, structuredClone(reports), buckets),
    );
    const states = join.map((channel) => ({ channel, feeds: this.cache.onStreamsOf(channel) }));
    return structuredClone({ states });
  }

  /** The state of a leased feed. */
  stateOf(channel: string, type: string): unknown {
    return this.cache.feedsOf(channel)?.[type]?.[ORIGIN]?.state;
  }

  private async publish(
    changed: Awaited<ReturnType<EmbeddedContributions['report']>>,
  ): Promise<void> {
    for (const { before, channel, type, values, version } of changed) {
      const leased = TYPES.leased.find(({ name }) => name === type);
      if (!leased) continue;
      const joined = leased.policy.join([...values.values()]);
      const state = leased.policy.next(before?.state, joined, this.clock.now());
      const feeds: Feeds = { [type]: { [ORIGIN]: { version, state } } };
      await this.cache.put(new Map([[channel, feeds]]));
      if (!TYPES.isOnStreams(type)) continue;
      const [ids = []] = await this.directory.watchers([channel]);
      for (const worker of this.workers)
        if (ids.includes(worker.id)) worker.deliver(channel, feeds);
    }
  }
}

/** A worker's channels, meters and memberships, without viewers' sockets. */
export class ReportingWorker {
  readonly channels: Channels;
  readonly meters: StreamMeters;
  readonly memberships: Memberships;
  readonly faults = new Set<Fault>();

  constructor(
    readonly id: string,
    private readonly ground: ReportDirectory,
  ) {
    const { clock } = ground;
    this.channels = new Channels(TYPES, clock, () => undefined);
    const { channels } = this;
    const meters = new StreamMeters({
      ...{ types: TYPES, clock },
      vectorOf: (channel, type) => channels.get(channel)?.feeds[type],
      changed: (channel, type) => this.memberships.report(channel, type),
    });
    this.meters = meters;
    const subscriptions: Subscriptions = {
      renew: (renewal) => this.across(() => ground.renew(renewal)),
      change: (change) => this.across(() => ground.change(change)),
    };
    this.memberships = new Memberships({
      ...{ clock, subscriptions, reports: meters, worker: { id, url: '' } },
      digest: () => sumOfDigests(channels.digest(), meters.digest()),
      inBucket: (bucket) => channels.inBucket(bucket),
      received: (channel, feeds, answer) => {
        channels.apply(channel, feeds, 0, answer);
        meters.delivered(channel, Object.keys(feeds));
      },
      released: (channel) => channels.remove(channel),
      failed: () => undefined,
    });
    ground.workers.push(this);
  }

  /** The digest that the worker sends. */
  get digest(): readonly number[] {
    return sumOfDigests(this.channels.digest(), this.meters.digest());
  }

  join(channel: string, memberId: string): void {
    const { isNew } = this.channels.open(channel);
    this.meters.joined(channel, memberId);
    this.memberships.watch(channel, isNew);
  }

  /** A stream leaves a channel; `isLast` if no other one of this worker watches it. */
  leave(channel: string, isLast: boolean): void {
    this.meters.left(channel);
    if (isLast) this.memberships.unwatch(channel);
  }

  deliver(channel: string, feeds: Feeds): void {
    if (this.faults.has('delivery')) return;
    this.channels.apply(channel, feeds, 0);
    this.meters.delivered(channel, Object.keys(feeds));
  }

  private async across<T>(call: () => Promise<T>): Promise<T> {
    if (this.faults.has('request')) throw new LikestreamError('peer_unavailable');
    if (this.faults.has('late')) {
      // The worker gives the request up, but it arrives later.
      this.ground.clock.after(1_000, () => void call());
      throw new LikestreamError('peer_unavailable');
    }
    const answer = await call();
    if (this.faults.has('answer')) throw new LikestreamError('peer_unavailable');
    return answer;
  }
}
