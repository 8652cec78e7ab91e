import { SubscriptionService } from '../../../dispatchers/subscriptions';
import type { Report, Update } from '../../../schemas/delivery';
import { bucketOf, channelSum, Digest, reportSum, versionSum } from '../../../schemas/digest';
import { LikestreamError } from '../../../schemas/errors';
import type { Feeds } from '../../../schemas/state';
import { LEASED_TYPES, type Level, levels } from '../../contract/leased-types';
import { VirtualClock } from '../../simulation/virtual-clock';
import { FakeStates } from '../parts';
import { ground, ORIGIN } from './ground';

const TICK_MS = 1_500;

/** The channels that all workers watch. */
export const CHANNELS = ['video:1', 'video:2', 'video:3'];

/** A worker as dispatchers see it: it reports, renews, and makes unequal buckets equal. */
class ModelWorker {
  readonly values = new Map<string, Report>();
  readonly known = new Map<string, { readonly version: number; readonly state: Level }>();
  haltedUntil = 0;
  private readonly unsent = new Set<string>();
  /** Buckets that are unequal until a request has succeeded. */
  private readonly unequal = new Set<number>();
  private isJoined = false;
  private turn = 0;
  private number = 0;

  constructor(
    readonly id: string,
    private readonly world: LeasedWorld,
  ) {}

  set(channel: string, value: number | undefined): void {
    this.number += 1;
    const seen = this.known.get(channel)?.version ?? 0;
    this.values.set(channel, { channel, type: levels.name, number: this.number, value, seen });
    this.unsent.add(channel);
  }

  /** What a delivery or an answer has. */
  receive(channel: string, feeds: Feeds): void {
    const of = feeds[levels.name]?.[ORIGIN];
    if (!of || of.version <= (this.known.get(channel)?.version ?? -1)) return;
    this.known.set(channel, { version: of.version, state: of.state as Level });
  }

  async send(): Promise<void> {
    const join = this.isJoined ? [] : CHANNELS;
    // A join also reports feeds without a value, so that they have a state.
    const reports = [...new Set([...join, ...this.unsent])].map((of) => this.report(of));
    this.unsent.clear();
    try {
      await this.change(join, reports, []);
      this.isJoined = true;
    } catch {
      for (const { channel } of reports) this.unsent.add(channel);
    }
  }

  async renew(): Promise<void> {
    this.turn += 1;
    const { id, turn } = this;
    const renewal = { worker: { id, url: id }, digest: [...this.digest()], turn };
    const { unequal } = await this.world.any().renew(renewal);
    for (const bucket of unequal) this.unequal.add(bucket);
    if (this.unequal.size === 0) return;
    const channels = CHANNELS.filter((channel) => this.unequal.has(bucketOf(channel)));
    const reports = channels.map((channel) => this.report(channel));
    await this.change(this.isJoined ? channels : [], reports, [...this.unequal]);
    this.unequal.clear();
  }

  private async change(join: string[], reports: Report[], buckets: number[]): Promise<void> {
    const worker = { id: this.id, url: this.id };
    const request = { worker, turn: this.turn, join, leave: [], buckets, reports };
    const { states } = await this.world.any().change(request);
    for (const { channel, feeds } of states) this.receive(channel, feeds);
  }

  private report(channel: string): Report {
    const seen = this.known.get(channel)?.version ?? 0;
    const none = { channel, type: levels.name, number: this.number, value: undefined };
    return { ...(this.values.get(channel) ?? none), seen };
  }

  private digest(): readonly number[] {
    const digest = new Digest();
    for (const channel of this.isJoined ? CHANNELS : []) {
      const version = this.known.get(channel)?.version;
      const sum = version === undefined ? 0 : versionSum(channel, levels.name, ORIGIN, version);
      digest.add(bucketOf(channel), channelSum(channel) + sum);
    }
    for (const report of this.values.values()) {
      if (report.value !== undefined) digest.add(bucketOf(report.channel), reportSum(report));
    }
    return digest.values();
  }
}

/** Workers and two dispatchers, which may fail at any step. */
export class LeasedWorld {
  readonly workers: ModelWorker[] = [];
  /** The next publication of a dispatcher is lost with it. */
  crashes = 0;
  /** Deliveries that are lost. */
  lostDeliveries = 0;
  private readonly clock = new VirtualClock();
  private readonly states = new FakeStates();
  private backEnds = ground(this.clock, this.states);
  private dispatchers = [this.dispatcher(), this.dispatcher()];
  private turn = 0;
  private ids = 0;

  addWorker(): ModelWorker {
    this.ids += 1;
    const worker = new ModelWorker(`worker-${this.ids}`, this);
    this.workers.push(worker);
    return worker;
  }

  kill(at: number): void {
    this.workers.splice(at, 1);
  }

  halt(worker: ModelWorker, ms: number): void {
    worker.haltedUntil = this.clock.monotonic() + ms;
  }

  /** The directory and the cache lose everything; the saved states stay. */
  emptyRedis(): void {
    for (const { leased, workers } of this.dispatchers) {
      workers.close();
      void leased.finish();
    }
    this.backEnds = ground(this.clock, this.states);
    this.dispatchers = [this.dispatcher(), this.dispatcher()];
  }

  /** A dispatcher, by turns. */
  any(): SubscriptionService {
    this.turn += 1;
    const found = this.dispatchers[this.turn % 2];
    if (!found) throw new Error('no dispatcher');
    return found.subscriptions;
  }

  async run(ms: number): Promise<void> {
    for (let passed = 0; passed < ms; passed += TICK_MS) {
      for (const worker of this.workers) {
        if (worker.haltedUntil > this.clock.monotonic()) continue;
        await worker.send();
        await worker.renew().catch(() => undefined);
      }
      await this.clock.advance(Math.min(TICK_MS, ms));
    }
  }

  readonly cached = (channel: string): Level | undefined => {
    const state = this.backEnds.cache.feedsOf(channel)?.[levels.name]?.[ORIGIN]?.state;
    return state as Level | undefined;
  };

  close(): void {
    for (const { workers } of this.dispatchers) workers.close();
  }

  private dispatcher() {
    const { cache, clock, directory, dispatcher, leases, states } = this.backEnds;
    let isCrashed = false;
    const { leased, workers } = dispatcher({
      changed: (updates) => {
        if (updates.length > 0) isCrashed = !this.publish(updates);
      },
      cached: async () => {
        if (isCrashed) throw new LikestreamError('directory_unavailable');
      },
    });
    leased.holdBack();
    workers.start();
    const subscriptions = new SubscriptionService({
      ...{ types: LEASED_TYPES, directory, leases, cache, states, clock, leased },
    });
    return { leased, subscriptions, workers };
  }

  /** Returns false if the updates are lost. */
  private publish(updates: readonly Update[]): boolean {
    if (this.crashes > 0) {
      this.crashes -= 1;
      return false;
    }
    for (const { channel, type, vector } of updates) {
      const feeds = { [type]: vector };
      void this.backEnds.cache.put(new Map([[channel, feeds]]));
      for (const worker of this.workers) {
        if (this.lostDeliveries > 0) this.lostDeliveries -= 1;
        else worker.receive(channel, feeds);
      }
    }
    return true;
  }
}
