import type { Client } from 'cassandra-driver';
import type { Admin, Kafka } from 'kafkajs';
import { cassandraServers } from '../../adapters/cassandra/access';
import { openCassandra } from '../../adapters/cassandra/client';
import { DrainRecords } from '../../adapters/cassandra/drain-records';
import { explainFirstContact as explainCassandra } from '../../adapters/cassandra/explain';
import type { KnownLog } from '../../adapters/cassandra/known-logs';
import { knownLogs } from '../../adapters/cassandra/known-logs';
import { openKafka } from '../../adapters/kafka/client/client';
import { explainFirstContact as explainKafka } from '../../adapters/kafka/client/explain';
import { kafkaSecurity } from '../../adapters/kafka/client/security';
import { textsOf } from '../../adapters/shared/tls-errors';
import { eventTypesOf } from '../../app/event-types';
import { systemClock } from '../../runtime/clock';
import { openLog } from '../../runtime/log-lines';
import type { Settings } from '../../runtime/settings/settings';
import type { EventTypes } from '../../schemas/event-types';
import { Names } from '../../schemas/names';

/** The servers of a datacenter, as its settings name them, for a program that an operator runs. */
export class OperatorServers {
  readonly names: Names;
  readonly types: EventTypes;
  readonly kafka: Kafka;
  readonly admin: Admin;
  readonly cassandra: Client;
  readonly drains: DrainRecords;

  /** Throws an Error if a module of `EVENT_TYPES` is wrong. */
  constructor(readonly settings: Settings) {
    this.names = new Names(settings.NAMESPACE);
    this.types = eventTypesOf(settings);
    const log = openLog('error', 'operator');
    this.kafka = openKafka(settings.KAFKA_BROKERS, log, kafkaSecurity(settings));
    this.admin = this.kafka.admin();
    this.cassandra = openCassandra(cassandraServers(settings));
    this.drains = new DrainRecords(this.cassandra, () => systemClock.now());
  }

  /** Rejects with an Error that names the server that cannot be reached. */
  async connect(): Promise<void> {
    const { CASSANDRA_CONTACT_POINTS, KAFKA_BROKERS } = this.settings;
    await Promise.all([
      reach(`Kafka at ${KAFKA_BROKERS}`, adviceOfKafka, () => this.admin.connect()),
      reach(`Cassandra at ${CASSANDRA_CONTACT_POINTS}`, explainCassandra, async () => {
        await this.cassandra.connect();
        await this.cassandra.execute(`USE "${this.names.keyspace}"`);
      }),
    ]);
  }

  /** All logs that any datacenter has begun. */
  logs(): Promise<KnownLog[]> {
    return knownLogs(this.cassandra, this.drains);
  }

  async close(): Promise<void> {
    await Promise.allSettled([this.admin.disconnect(), this.cassandra.shutdown()]);
  }
}

type Explain = (error: unknown) => string | undefined;

const adviceOfKafka: Explain = (error) => explainKafka(textsOf(error));

async function reach(
  server: string,
  explain: Explain,
  connect: () => Promise<unknown>,
): Promise<void> {
  try {
    await connect();
  } catch (error) {
    const reason = explain(error) ?? (error instanceof Error ? error.message : String(error));
    throw new Error(`${server} cannot be reached: ${reason}`, { cause: error });
  }
}
