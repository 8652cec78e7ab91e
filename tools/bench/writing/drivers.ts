import { randomBytes } from 'node:crypto';
import { type Client, types } from 'cassandra-driver';
import type { Admin, Producer } from 'kafkajs';
import { v7 } from 'uuid';
import { openCassandra } from '../../../adapters/cassandra/client';
import { rowsByShard } from '../../../adapters/cassandra/row-requests';
import { createTable, tableOf, tablesOf } from '../../../adapters/cassandra/tables';
import { openKafka, producerOf } from '../../../adapters/kafka/client/client';
import { openLog } from '../../../runtime/log-lines';
import { readSettings } from '../../../runtime/settings/settings';
import { likes } from '../../../schemas/likes';
import { PARTITIONS, partitionOf } from '../../../schemas/partitions';

const ROWS = 'WHERE channel = ? AND shard = ? AND id IN ?';
const INSERT = `UPDATE ${tableOf(likes)} SET copies[?] = ? ${ROWS}`;
const OPTIONS = { prepare: true, isIdempotent: true };
const ALL_REPLICAS = -1;

interface Like {
  readonly id: string;
  readonly memberId: string;
  readonly at: number;
  readonly body: { readonly reaction: string };
}

/** The likes of one request. */
interface Request {
  readonly channel: string;
  readonly likes: readonly Like[];
  readonly done: () => void;
  readonly failed: (error: unknown) => void;
}

/**
 * The drivers of Kafka and Cassandra with nothing around them: requests that come while an append
 * is in flight share the next one, with one record a channel; the rows of one partition of the
 * table are one request, and equal ones one statement of it.
 */
export class Drivers {
  private waiting: Request[] = [];
  private isAppending = false;

  private constructor(
    private readonly name: string,
    private readonly admin: Admin,
    private readonly producer: Producer,
    private readonly cassandra: Client,
  ) {}

  /** Connects to the servers of the settings; creates a topic and a keyspace for this run. */
  static async open(env: NodeJS.ProcessEnv): Promise<Drivers> {
    const settings = readSettings(env);
    const name = `bare_${randomBytes(6).toString('hex')}`;
    const kafka = openKafka(settings.KAFKA_BROKERS, openLog('silent', 'bench'));
    const [admin, producer] = [kafka.admin(), producerOf(kafka)];
    const cassandra = openCassandra({
      contactPoints: settings.CASSANDRA_CONTACT_POINTS,
      localDatacenter: settings.CASSANDRA_LOCAL_DATACENTER,
    });
    await Promise.all([admin.connect(), producer.connect(), cassandra.connect()]);
    await admin.createTopics({ topics: [{ topic: name, numPartitions: PARTITIONS }] });
    const replication = `{'class': 'NetworkTopologyStrategy', ${settings.CASSANDRA_REPLICATION}}`;
    await cassandra.execute(`CREATE KEYSPACE ${name} WITH replication = ${replication}`);
    await cassandra.execute(`USE ${name}`);
    for (const table of tablesOf([likes])) {
      if (table.type === likes.name) await cassandra.execute(createTable(table));
    }
    return new Drivers(name, admin, producer, cassandra);
  }

  /** Resolves once new likes of a video are in the log and in the store. */
  like(video: string, count: number): Promise<void> {
    const at = Date.now();
    const body = { reaction: 'like' };
    const made = Array.from({ length: count }, () => ({ id: v7(), memberId: 'ann', at, body }));
    return new Promise((done, failed) => {
      this.waiting.push({ channel: `video:${video}`, likes: made, done, failed });
      if (!this.isAppending) void this.append();
    });
  }

  /** Deletes the topic and the keyspace. */
  async close(): Promise<void> {
    await this.admin.deleteTopics({ topics: [this.name] }).catch(() => undefined);
    await this.cassandra.execute(`DROP KEYSPACE IF EXISTS ${this.name}`).catch(() => undefined);
    await Promise.all([
      this.producer.disconnect(),
      this.admin.disconnect(),
      this.cassandra.shutdown(),
    ]);
  }

  private async append(): Promise<void> {
    this.isAppending = true;
    for (let group = this.take(); group.length > 0; group = this.take()) {
      try {
        const byChannel = likesByChannel(group);
        await this.send(byChannel);
        void this.store(byChannel, group);
      } catch (error) {
        for (const { failed } of group) failed(error);
      }
    }
    this.isAppending = false;
  }

  private take(): Request[] {
    const group = this.waiting;
    this.waiting = [];
    return group;
  }

  private async send(byChannel: ReadonlyMap<string, readonly Like[]>): Promise<void> {
    const messages = [...byChannel].map(([key, entries]) => {
      const value = JSON.stringify({ producer: 'bare', seq: 1, stored: 0, entries });
      return { key, value, partition: partitionOf(key) };
    });
    const topicMessages = [{ topic: this.name, messages }];
    await this.producer.sendBatch({ acks: ALL_REPLICAS, topicMessages });
  }

  private async store(byChannel: ReadonlyMap<string, readonly Like[]>, group: readonly Request[]) {
    try {
      await Promise.all([...byChannel].flatMap(([channel, all]) => this.insert(channel, all)));
      for (const { done } of group) done();
    } catch (error) {
      for (const { failed } of group) failed(error);
    }
  }

  private insert(channel: string, all: readonly Like[]): Promise<unknown>[] {
    const requests = rowsByShard(
      likes,
      all.map((like) => ({ ...like, offset: 0 })),
    );
    return requests.map(async ({ rows, shard }) => {
      const queries = rows.map(({ columns, entry: { at, memberId }, ids }) => {
        const copy = new types.Tuple(0, memberId, at, ...columns);
        return { query: INSERT, params: ['dc1.1', copy, channel, shard, ids] };
      });
      const [first] = queries;
      if (queries.length === 1) return this.cassandra.execute(INSERT, first?.params, OPTIONS);
      return this.cassandra.batch(queries, { ...OPTIONS, logged: false });
    });
  }
}

function likesByChannel(group: readonly Request[]): Map<string, Like[]> {
  const byChannel = new Map<string, Like[]>();
  for (const request of group) {
    const all = byChannel.get(request.channel);
    if (all) all.push(...request.likes);
    else byChannel.set(request.channel, [...request.likes]);
  }
  return byChannel;
}
