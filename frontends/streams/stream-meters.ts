import type { Clock } from '../../runtime/clock';
import { channelOf } from '../../schemas/channels';
import type { Report } from '../../schemas/delivery';
import { bucketOf, Digest } from '../../schemas/digest';
import type { LeasedType } from '../../schemas/event-type';
import type { EventTypes } from '../../schemas/event-types';
import type { Vector } from '../../schemas/state';
import type { ReportSource } from '../report-source';
import { Deadlines } from './deadlines';
import { Meter } from './meter';

export interface StreamMetersOptions {
  readonly types: EventTypes;
  readonly clock: Clock;
  /** The newest states of a leased feed that this worker holds. */
  readonly vectorOf: (channel: string, type: string) => Vector | undefined;
  /** Called when there is a new report of a feed. */
  readonly changed: (channel: string, type: string) => void;
}

/**
 * What this worker contributes to leased feeds, computed from its open streams. Each event changes
 * the meters of one channel; one timer serves all others.
 */
export class StreamMeters implements ReportSource {
  private readonly buckets: Map<string, Meter>[] = [];
  private readonly sums = new Digest();
  private readonly deadlines: Deadlines<Meter>;
  /** The types of streams that watch a channel, by its kind. */
  private readonly ofChannels = new Map<string, LeasedType[]>();
  /** The types of a member's streams. */
  private readonly ofMembers: readonly LeasedType[];
  /** The names of all leased types, by the kind of their channels. */
  private readonly names = new Map<string, string[]>();
  private count = 0;
  private lastNumber = 0;

  constructor(private readonly options: StreamMetersOptions) {
    this.deadlines = new Deadlines(options.clock, (meter) => this.advance(meter));
    const { leased } = options.types;
    this.ofMembers = leased.filter((type) => type.of === 'member');
    for (const type of leased) {
      const { channelKind: kind, name } = type;
      this.names.set(kind, [...(this.names.get(kind) ?? []), name]);
      if (type.of === 'member') continue;
      this.ofChannels.set(kind, [...(this.ofChannels.get(kind) ?? []), type]);
    }
  }

  /** A stream of a member watches a channel from now on. */
  joined(channel: string, memberId: string): void {
    for (const type of typesIn(this.ofChannels, channel)) this.open(type, channel, memberId);
  }

  /** A stream that watched a channel does so no longer. */
  left(channel: string): void {
    for (const type of typesIn(this.ofChannels, channel)) this.end(type, channel);
  }

  /** A member has opened a stream. */
  memberOpened(memberId: string): void {
    for (const type of this.ofMembers) this.open(type, channelOf(type, memberId), memberId);
  }

  /** A member has closed a stream, or lost it. */
  memberClosed(memberId: string): void {
    for (const type of this.ofMembers) this.end(type, channelOf(type, memberId));
  }

  /** Notes that the states of some feeds of a channel have changed. */
  delivered(channel: string, types: readonly string[]): void {
    for (const { name, policy, standsMs } of typesIn(this.ofChannels, channel)) {
      if (standsMs === undefined || !policy.level || !types.includes(name)) continue;
      const meter = this.find(channel, name);
      const vector = this.options.vectorOf(channel, name);
      if (!meter || !vector) continue;
      meter.observe(policy.level(policy.view(vector)), this.now);
      this.advance(meter);
    }
  }

  /** Makes all reports that wait for their time; before the process ends. */
  reportAll(): void {
    for (const meters of Object.values(this.buckets)) {
      for (const meter of meters.values()) this.advance(meter, true);
    }
  }

  /** Ends the timer. */
  close(): void {
    this.deadlines.close();
  }

  typesOf(channel: string): readonly string[] {
    return typesIn(this.names, channel);
  }

  reportOf(channel: string, type: string): Report {
    const meter = this.find(channel, type);
    const seen = this.seenOf(channel, type);
    // A number above all earlier ones removes a value that an earlier report may have left.
    if (meter?.reported === undefined) return { channel, type, number: this.nextNumber(), seen };
    return { channel, type, number: meter.number, value: meter.reported, seen };
  }

  valuesIn(bucket: number): readonly { readonly channel: string; readonly type: string }[] {
    const meters = [...(this.buckets[bucket]?.values() ?? [])];
    const reported = meters.filter((meter) => meter.reported !== undefined);
    return reported.map(({ channel, type }) => ({ channel, type: type.name }));
  }

  acknowledged(reports: readonly Report[]): void {
    for (const { channel, number, type } of reports) this.find(channel, type)?.acknowledge(number);
  }

  digest(): readonly number[] {
    return this.sums.values();
  }

  /** The number of meters. */
  get size(): number {
    return this.count;
  }

  private open(type: LeasedType, channel: string, memberId: string): void {
    const meter = this.find(channel, type.name) ?? this.add(type, channel);
    meter.opened(memberId);
    this.advance(meter);
  }

  private end(type: LeasedType, channel: string): void {
    const meter = this.find(channel, type.name);
    if (!meter) return;
    meter.closed(this.now, this.options.clock.now());
    this.advance(meter);
  }

  private advance(meter: Meter, isForced = false): void {
    const { channel, type } = meter;
    const now = this.now;
    const before = meter.sum;
    if (meter.advance(now, isForced)) {
      this.sums.add(bucketOf(channel), meter.sum - before);
      this.options.changed(channel, type.name);
    }
    this.deadlines.set(meter, meter.nextAt(now));
    if (meter.isOver(now)) this.remove(meter);
  }

  private add(type: LeasedType, channel: string): Meter {
    const meter = new Meter(type, channel, () => this.nextNumber());
    const bucket = bucketOf(channel);
    const meters = this.buckets[bucket] ?? new Map<string, Meter>();
    this.buckets[bucket] = meters.set(keyOf(channel, type.name), meter);
    this.count += 1;
    return meter;
  }

  private remove(meter: Meter): void {
    const { channel, type } = meter;
    this.deadlines.set(meter, undefined);
    if (this.buckets[bucketOf(channel)]?.delete(keyOf(channel, type.name))) this.count -= 1;
  }

  private find(channel: string, type: string): Meter | undefined {
    return this.buckets[bucketOf(channel)]?.get(keyOf(channel, type));
  }

  /** The greatest version that this worker holds; leased feeds have one origin a datacenter. */
  private seenOf(channel: string, type: string): number {
    const vector = this.options.vectorOf(channel, type) ?? {};
    let seen = 0;
    for (const { version } of Object.values(vector)) seen = Math.max(seen, version);
    return seen;
  }

  private nextNumber(): number {
    this.lastNumber += 1;
    return this.lastNumber;
  }

  private get now(): number {
    return this.options.clock.monotonic();
  }
}

function keyOf(channel: string, type: string): string {
  return `${type}=${channel}`;
}

/** The entries of a channel's kind. */
function typesIn<T>(byKind: ReadonlyMap<string, readonly T[]>, channel: string): readonly T[] {
  return byKind.get(channel.slice(0, channel.indexOf(':'))) ?? [];
}
