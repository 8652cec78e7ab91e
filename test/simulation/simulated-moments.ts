import type { EmbeddedGroup } from '../../adapters/embedded/group';
import type { MomentReceiver, Moments, ReceivedMoment } from '../../adapters/moments';
import { type Clock, every, type Timer } from '../../runtime/clock';
import { RENEW_MS } from '../../schemas/delivery';
import { encodeHeartbeat, encodeMoment, type Moment, parseMoment } from '../../schemas/moment';
import { PARTITIONS, partitionOf } from '../../schemas/partitions';
import type { MomentEntry, MomentTopics } from './moment-topics';
import type { BrokenOptions } from './site';

const POLL_MS = 30;
const BEAT_MS = 300;

/** The time between two commits; a successor reads these moments again. */
const COMMIT_MS = 2_000;
const MAX_RECORDS = 100;

const HEARTBEAT_KEY = 'heartbeat';

export interface SimulatedMomentsOptions {
  /** The topics, for appends: across the network. */
  readonly appends: Pick<MomentTopics, 'append'>;
  /** The topics, for reads. */
  readonly topics: () => MomentTopics;
  readonly group: () => EmbeddedGroup;
  readonly processId: string;
  readonly datacenter: string;
  readonly topic: string;
  /** By mirrored topic, the datacenter that has written it. */
  readonly peers: ReadonlyMap<string, string>;
  readonly clock: Clock;
  /** Replaces moments that were read, for planted bugs. */
  readonly received?: BrokenOptions['received'];
}

/** Moments in simulated topics, as the part on Kafka sends and reads them. */
export class SimulatedMoments implements Moments {
  private receiver: MomentReceiver | undefined;
  private readonly timers: Timer[] = [];
  /** By topic and partition that this member reads, the next offset. */
  private readonly next = new Map<string, number>();
  private readonly datacenters: ReadonlyMap<string, string>;
  private readAt = -1;

  constructor(private readonly options: SimulatedMomentsOptions) {
    const { datacenter, peers, topic } = options;
    this.datacenters = new Map([[topic, datacenter], ...peers]);
  }

  async send(moments: readonly Moment[]): Promise<void> {
    const sending = this.sending();
    await this.options.appends.append(
      this.options.topic,
      moments.map((moment) => ({
        key: moment.channel,
        partition: partitionOf(moment.channel),
        value: encodeMoment(moment, sending),
      })),
    );
  }

  async start(receiver: MomentReceiver): Promise<void> {
    const { clock, peers } = this.options;
    this.receiver = receiver;
    this.beat();
    this.timers.push(
      every(clock, BEAT_MS, () => this.beat()),
      every(clock, POLL_MS, () => this.poll()),
      every(clock, COMMIT_MS, () => this.options.topics().commit(this.next)),
    );
    if (peers.size > 0) this.timers.push(every(clock, RENEW_MS, () => this.sendHeartbeat()));
  }

  async stop(): Promise<void> {
    this.receiver = undefined;
    for (const timer of this.timers) timer.cancel();
    this.options.topics().commit(this.next);
    this.options.group().leave(this.options.processId);
  }

  /** A partition that is new to this member begins at its committed offset, or at its end. */
  private beat(): void {
    const topics = this.options.topics();
    const owned = this.options.group().beat(this.options.processId);
    const before = new Map(this.next);
    this.next.clear();
    for (const topic of this.datacenters.keys()) {
      for (const partition of owned) {
        const name = `${topic}/${partition}`;
        const known = before.get(name);
        if (known === undefined) this.readAt = -1;
        this.next.set(name, known ?? topics.firstOf(topic, partition));
      }
    }
  }

  private async poll(): Promise<void> {
    const { revision } = this.options.topics();
    if (this.readAt === revision) return;
    this.readAt = revision;
    await Promise.all([...this.next].map(([name, next]) => this.read(name, next)));
  }

  private async read(name: string, from: number): Promise<void> {
    const at = name.lastIndexOf('/');
    const [topic, partition] = [name.slice(0, at), Number(name.slice(at + 1))];
    const topics = this.options.topics();
    const records = topics.read(topic, partition, from, MAX_RECORDS);
    if (records.length === 0) return;
    const datacenter = this.datacenters.get(topic) ?? '';
    const moments: ReceivedMoment[] = [];
    let heartbeat: { readonly offset: number; readonly repeatsAll: boolean } | undefined;
    for (const { appendedAt, key, offset, value } of records) {
      const { moment, repeatsAll: all, sending } = parseMoment(key, value);
      if (moment) moments.push({ ...moment, datacenter, offset, appendedAt, sending });
      else heartbeat = { offset, repeatsAll: all && heartbeat?.repeatsAll !== false };
    }
    const end = topics.end(topic, partition);
    try {
      const { clock, received = (all) => all } = this.options;
      const all = received(moments, clock.now());
      if (all.length > 0) await this.receiver?.moments(all);
      if (heartbeat && datacenter !== this.options.datacenter) {
        await this.receiver?.heartbeat(datacenter, { ...heartbeat, partition, end });
      }
    } catch {
      // Moments that were not received are not read again.
    }
    if (this.next.has(name)) this.next.set(name, from + records.length);
    this.readAt = -1;
  }

  private async sendHeartbeat(): Promise<void> {
    const value = encodeHeartbeat(this.sending(), this.receiver?.repeatsAll ?? false);
    const entries: MomentEntry[] = Array.from({ length: PARTITIONS }, (_, partition) => {
      return { key: HEARTBEAT_KEY, partition, value };
    });
    await this.options.appends.append(this.options.topic, entries).catch(() => undefined);
  }

  private sending() {
    const { clock, processId } = this.options;
    return { by: processId, ms: Math.round(clock.monotonic()), t: clock.now() };
  }
}
