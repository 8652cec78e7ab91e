import type { Kafka } from 'kafkajs';
import { consumerOf, openKafka, producerOf } from '../../adapters/kafka/client/client';
import { KafkaMoments } from '../../adapters/kafka/moments/moments';
import { setUpMoments } from '../../adapters/kafka/topics/set-up-moments';
import { openRedis, type RedisClient } from '../../adapters/redis/client';
import { RedisContributions } from '../../adapters/redis/contributions';
import { RedisDirectory } from '../../adapters/redis/directory';
import { RedisLeases } from '../../adapters/redis/leases';
import { redisServer } from '../../adapters/redis/servers';
import { RedisCache } from '../../adapters/redis/state-cache';
import type { Addresses } from '../../compose/native/addresses';
import { Dispatcher } from '../../dispatchers/dispatcher';
import { LiveWorkers } from '../../dispatchers/workers/live-workers';
import { systemClock as clock, every, type Timer } from '../../runtime/clock';
import { systemEntropy } from '../../runtime/entropy';
import { openLog } from '../../runtime/log-lines';
import { DedupeWindow } from '../../schemas/dedupe-window';
import { RENEW_MS, type Report, type Update } from '../../schemas/delivery';
import { DIGEST_BUCKETS } from '../../schemas/digest';
import { leasedType } from '../../schemas/event-type';
import { EventTypes } from '../../schemas/event-types';
import { MOMENTS, Names } from '../../schemas/names';
import { leasedOriginOf, originOf } from '../../schemas/origins';
import type { Vector } from '../../schemas/state';
import { freshId } from '../contract/time';
import { watching, waves } from '../dispatchers/moments/parts';
import { FakeStates } from '../dispatchers/parts';
import { eventually } from '../end-to-end/api';
import { KEYS } from './keys';

/** A leased type whose values stay for a while. */
export const lasting = leasedType({ ...watching, name: 'lasting', graceMs: 30_000 });

const types = new EventTypes([waves, watching, lasting]);
const names = new Names();
const TOPIC = names.topic(MOMENTS, 1);

/** A dispatcher of one datacenter on real servers, and one worker that it delivers to. */
export class MomentSite {
  /** By feed, the states of what the worker was sent last. */
  readonly shown = new Map<string, unknown>();
  /** All moments that the worker was sent. */
  readonly moments: Vector[] = [];
  readonly failures: string[] = [];
  private readonly kafka: Kafka;
  private readonly redis: RedisClient;
  private readonly log: KafkaMoments;
  private readonly dispatcher: Dispatcher;
  private readonly live: LiveWorkers;
  private readonly producer;
  private readonly worker = { id: freshId('worker'), url: '' };
  private renewals: Timer | undefined;
  private turn = 1;
  private number = 0;

  constructor(
    private readonly datacenter: string,
    private readonly peer: string,
    addresses: Addresses,
  ) {
    const failed = (doing: string, error: unknown): void => {
      this.failures.push(`${doing}: ${String(error)}`);
    };
    this.kafka = openKafka([addresses.kafka], openLog('silent', 'test'));
    this.producer = producerOf(this.kafka);
    this.redis = openRedis(redisServer(addresses.redis));
    const { producer, redis } = this;
    const groupId = names.momentsGroup(datacenter);
    this.log = new KafkaMoments({
      ...{ clock, datacenter, failed, groupId, producer, topic: TOPIC },
      consumer: () => consumerOf(this.kafka, groupId),
      fatal: (error) => failed('fatal', error),
      peers: new Map([[names.mirrored(peer, TOPIC), peer]]),
      processId: systemEntropy.secretId(),
    });
    const origin = leasedOriginOf(datacenter);
    const directory = new RedisDirectory(redis, names, origin);
    const leases = new RedisLeases(redis, names, KEYS);
    this.live = new LiveWorkers({ directory, leases, clock, removesDead: true, failed });
    redis.onClosed(() => this.live.interrupt());
    const none = (): never => {
      throw new Error('no type is logged');
    };
    this.dispatcher = new Dispatcher({
      ...{ types, directory, leases, clock, failed, workers: this.live, secret: 'secret' },
      ...{ sourceOf: none, rowsOf: none, origin: originOf(datacenter, 1), moments: this.log },
      gateway: { deliver: async (_, updates) => this.show(updates) },
      states: new FakeStates(),
      cache: new RedisCache(redis, types, names, KEYS),
      contributions: new RedisContributions({
        ...{ redis, types, names, origin, codes: KEYS, newLife: () => systemEntropy.secretId() },
      }),
      dedupe: new DedupeWindow(120_000),
      log: { append: none },
    });
  }

  async start(): Promise<void> {
    const admin = this.kafka.admin();
    await Promise.all([admin.connect(), this.producer.connect(), this.redis.whenReady()]);
    const topics = [TOPIC, names.mirrored(this.peer, TOPIC)];
    await setUpMoments(admin, { moments: topics, replicas: 1 }, (line) => this.failures.push(line));
    await admin.disconnect();
    this.live.start();
    await this.renew();
    this.renewals = every(clock, RENEW_MS, () => this.renew());
    await this.dispatcher.start();
  }

  /** Sends a moment, as a producer does. */
  wave(channel: string, height: number): Promise<void> {
    return this.log.send([{ channel, type: waves.name, memberId: 'ann', value: { height } }]);
  }

  /** Watches a channel. */
  async watch(channel: string): Promise<void> {
    await this.change({ join: [channel] });
  }

  /** Reports the worker's value of a feed; none if undefined. */
  async report(channel: string, type: string, value?: number): Promise<void> {
    this.number += 1;
    const report = { channel, type, number: this.number, seen: 0 };
    await this.change({ reports: [value === undefined ? report : { ...report, value }] });
  }

  /** The last state of a leased feed that the worker was sent. */
  value(channel: string, type: string): unknown {
    return this.shown.get(`${type}/${channel}`);
  }

  async end(): Promise<void> {
    this.renewals?.cancel();
    await this.dispatcher.stop();
    this.live.close();
    await this.producer.disconnect();
    this.redis.close();
  }

  private async change({
    join = [],
    reports = [],
  }: {
    readonly join?: string[];
    readonly reports?: Report[];
  }): Promise<void> {
    const { subscriptions } = this.dispatcher;
    const { turn, worker } = this;
    // The servers are slow while they start; a worker repeats a request, too.
    await eventually(() =>
      subscriptions.change({ worker, join, leave: [], buckets: [], reports, turn }),
    );
  }

  private async renew(): Promise<void> {
    this.turn += 1;
    const digest = new Array<number>(DIGEST_BUCKETS).fill(0);
    await this.dispatcher.subscriptions
      .renew({ worker: this.worker, digest, turn: this.turn })
      .catch((error: unknown) => this.failures.push(String(error)));
  }

  private show(updates: readonly Update[]): void {
    for (const { channel, type, vector } of updates) {
      if (type === waves.name) this.moments.push(vector);
      else this.shown.set(`${type}/${channel}`, vector[leasedOriginOf(this.datacenter)]?.state);
    }
  }
}
