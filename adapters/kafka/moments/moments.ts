import type { Consumer } from 'kafkajs';
import { type Clock, every, type Timer } from '../../../runtime/clock';
import { RENEW_MS } from '../../../schemas/delivery';
import { encodeHeartbeat, encodeMoment, type Moment, type Sending } from '../../../schemas/moment';
import { PARTITIONS, partitionOf } from '../../../schemas/partitions';
import type { MomentReceiver, Moments } from '../../moments';
import { APPEND_LIMITS, KafkaLog, type KafkaLogOptions } from '../append/event-log';
import { MomentReader } from './moment-reader';

/** The key of a datacenter's heartbeats, in each partition. */
const HEARTBEAT_KEY = 'heartbeat';

/** Moments that wait longer are not wanted any more. */
const LIMITS = { ...APPEND_LIMITS, maxQueuedEntries: 10_000, maxUnsentMs: 1_000 };

export interface KafkaMomentsOptions extends Pick<KafkaLogOptions, 'producer'> {
  /** Creates the member of the consumer group; called once, by `start`. */
  readonly consumer: () => Consumer;
  readonly groupId: string;
  /** Our own datacenter. */
  readonly datacenter: string;
  /** The topic of our own moments. */
  readonly topic: string;
  /** By mirrored topic, the datacenter that has written it. */
  readonly peers: ReadonlyMap<string, string>;
  /** The id of this process's life. */
  readonly processId: string;
  readonly clock: Clock;
  /** Reports a failed step; it is not tried again. */
  readonly failed: (doing: string, error: unknown) => void;
  /** Reports that the process must end. */
  readonly fatal: (error: Error) => void;
}

/** Moments in a topic of Kafka, which MirrorMaker copies to other datacenters. */
export class KafkaMoments implements Moments {
  /** A queue of its own, so that moments never fill the queue of the logs. */
  private log: KafkaLog;
  private reader: MomentReader | undefined;
  private receiver: MomentReceiver | undefined;
  private heartbeats: Timer | undefined;

  constructor(private readonly options: KafkaMomentsOptions) {
    this.log = this.newLog();
  }

  async send(moments: readonly Moment[]): Promise<void> {
    const { topic } = this.options;
    const sending = this.sending();
    const entries = moments.map((moment) => ({
      key: moment.channel,
      partition: partitionOf(moment.channel),
      value: encodeMoment(moment, sending),
    }));
    await this.log.append(topic, entries);
  }

  async start(receiver: MomentReceiver): Promise<void> {
    const { clock, consumer, datacenter, peers, topic } = this.options;
    const datacenters = new Map([[topic, datacenter], ...peers]);
    this.receiver = receiver;
    this.reader = new MomentReader({ ...this.options, consumer: consumer(), datacenters });
    await this.reader.start(receiver);
    if (peers.size > 0) this.heartbeats = every(clock, RENEW_MS, () => this.sendHeartbeat());
  }

  async stop(): Promise<void> {
    this.heartbeats?.cancel();
    await this.reader?.stop();
  }

  private async sendHeartbeat(): Promise<void> {
    const { failed, topic } = this.options;
    const value = encodeHeartbeat(this.sending(), this.receiver?.repeatsAll ?? false);
    const heartbeat = { key: HEARTBEAT_KEY, value };
    const partitions = Array.from({ length: PARTITIONS }, (_, partition) => partition);
    await this.log
      .append(
        topic,
        partitions.map((partition) => ({ ...heartbeat, partition })),
      )
      .catch((error: unknown) => failed('send a heartbeat', error));
  }

  private sending(): Sending {
    const { clock, processId } = this.options;
    return { by: processId, ms: Math.round(clock.monotonic()), t: clock.now() };
  }

  // Moments may be lost: a topic that was created again, and so steps back, is no reason to end.
  private newLog(): KafkaLog {
    const { clock, producer } = this.options;
    const fatal = (): void => {
      this.log = this.newLog();
    };
    return new KafkaLog({ producer, clock, fatal, limits: LIMITS });
  }
}
