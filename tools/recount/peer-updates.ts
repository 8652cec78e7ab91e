import type { Producer } from 'kafkajs';
import type { KnownLog } from '../../adapters/cassandra/known-logs';
import type { EventLog } from '../../adapters/event-log';
import { KafkaLog } from '../../adapters/kafka/append/event-log';
import { producerOf } from '../../adapters/kafka/client/client';
import { GenerationLog } from '../../adapters/shared/generation-log';
import { entriesOf } from '../../dispatchers/peers/peer-publisher';
import { systemClock as clock } from '../../runtime/clock';
import { updatesOf } from '../../schemas/names';
import { generationOf } from '../../schemas/origins';
import type { Publication } from '../../schemas/peer-update';
import type { OperatorServers } from '../operator/servers';

/** Publishes corrected states to other datacenters, in the newest topics that those read. */
export class PeerUpdates {
  private producer: Producer | undefined;
  private log: EventLog | undefined;

  constructor(
    private readonly servers: OperatorServers,
    private readonly own: readonly KnownLog[],
  ) {}

  async open(): Promise<void> {
    const newest = this.own.at(-1);
    const { kafka, names, settings } = this.servers;
    if (settings.PEER_DATACENTERS.length === 0 || !newest) return;
    const producer = producerOf(kafka);
    await producer.connect();
    this.producer = producer;
    const fatal = (): void => undefined;
    const generation = { number: generationOf(newest.origin), partitions: newest.partitions };
    this.log = new GenerationLog(new KafkaLog({ producer, clock, fatal }), generation, names);
  }

  /** Publishes states and counted ids of a type. */
  async publish(type: string, origin: string, publications: readonly Publication[]): Promise<void> {
    const entries = publications.flatMap((publication) => entriesOf(publication, origin));
    if (this.log && entries.length > 0) await this.log.append(updatesOf(type), entries);
  }

  async close(): Promise<void> {
    await this.producer?.disconnect();
  }
}
