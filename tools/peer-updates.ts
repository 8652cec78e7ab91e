import type { Producer } from 'kafkajs';
import { entriesOf } from '../dispatchers/broadcast';
import { GenerationLog } from '../producers/generation-log';
import { KafkaLog } from '../producers/kafka-log';
import type { Log } from '../producers/log';
import type { KnownLog } from '../roles/generations';
import { systemClock as clock } from '../runtime/clock';
import { producerOf } from '../runtime/kafka';
import { BROADCAST_TOPIC, type Publication } from '../schemas/broadcast';
import { generationOf } from '../schemas/origins';
import type { OperatorServers } from './operator-servers';

/** Publishes corrected states to other datacenters, in the newest topic that those read. */
export class PeerUpdates {
  private producer: Producer | undefined;
  private log: Log | undefined;

  constructor(
    private readonly servers: OperatorServers,
    private readonly own: readonly KnownLog[],
  ) {}

  async open(): Promise<void> {
    const newest = this.own.at(-1);
    const { kafka, settings } = this.servers;
    if (settings.PEER_DATACENTERS.length === 0 || !newest) return;
    const producer = producerOf(kafka);
    await producer.connect();
    this.producer = producer;
    const fatal = (): void => undefined;
    this.log = new GenerationLog(new KafkaLog({ producer, clock, fatal }), {
      number: generationOf(newest.origin),
      partitions: newest.partitions,
    });
  }

  async publish(origin: string, publications: readonly Publication[]): Promise<void> {
    const entries = publications.flatMap((publication) => entriesOf(publication, origin));
    if (this.log && entries.length > 0) await this.log.append(BROADCAST_TOPIC, entries);
  }

  async close(): Promise<void> {
    await this.producer?.disconnect();
  }
}
