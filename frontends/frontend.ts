import type { Subscriptions } from '../adapters/subscriptions';
import type { ViewerLag } from '../adapters/viewer-lag';
import type { ViewerSockets } from '../adapters/viewer-sockets';
import type { Clock } from '../runtime/clock';
import type { Entropy } from '../runtime/entropy';
import type { Worker } from '../schemas/delivery';
import { sumOfDigests } from '../schemas/digest';
import type { EventTypes } from '../schemas/event-types';
import { type Measures, UNMEASURED } from '../schemas/measures';
import type { ChannelView } from './channels/channel-view';
import { Channels } from './channels/channels';
import { FanOut } from './channels/fan-out';
import { Flusher, type FlushLimits } from './channels/flusher';
import { Lags } from './channels/lags';
import { Deliveries } from './deliveries';
import { Memberships } from './memberships';
import { StreamMeters } from './streams/stream-meters';
import { Heartbeats } from './viewers/heartbeats';
import { Sessions } from './viewers/sessions';
import type { StreamLimits } from './viewers/stream-limits';

export interface FrontendOptions {
  readonly worker: Worker;
  /** The event types that streams can carry. */
  readonly types: EventTypes;
  readonly sockets: ViewerSockets & ViewerLag;
  readonly subscriptions: Subscriptions;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly maxViewers: number;
  /** The most channels that this worker holds; `DEFAULT_MAX_CHANNELS` if not given. */
  readonly maxChannels?: number | undefined;
  /** The limits of members and addresses; none if not given. */
  readonly limits?: StreamLimits | undefined;
  readonly flushLimits?: FlushLimits;
  readonly measures?: Measures;
  readonly failed: (doing: string, error: unknown) => void;
}

/** One worker that holds viewers: its channels, its sessions and its lease. */
export class Frontend {
  readonly sessions: Sessions;
  readonly deliveries: Deliveries;
  readonly channels: Channels;
  private readonly flusher: Flusher<ChannelView>;
  private readonly memberships: Memberships;
  private readonly meters: StreamMeters;
  private readonly heartbeats: Heartbeats;
  private readonly sockets: ViewerSockets;

  constructor(options: FrontendOptions) {
    const { clock, measures = UNMEASURED, sockets, worker } = options;
    this.sockets = sockets;
    const fanOut = new FanOut(
      sockets,
      clock,
      measures,
      (channel) => this.memberships.refresh(channel),
      (memberId) => this.sessions.sessionsOf(memberId),
    );
    const lags = new Lags(sockets, clock);
    this.flusher = new Flusher<ChannelView>(
      clock,
      (view) => fanOut.begin(view),
      options.flushLimits,
      (view) => lags.of(view),
    );
    this.channels = new Channels(options.types, clock, (view) => this.flusher.changed(view));
    const { channels } = this;
    const meters = new StreamMeters({
      ...{ types: options.types, clock },
      vectorOf: (channel, type) => channels.get(channel)?.feeds[type],
      changed: (channel, type) => this.memberships.report(channel, type),
    });
    this.meters = meters;
    this.deliveries = new Deliveries(worker.id, channels, clock, measures, (channel, of) =>
      meters.delivered(channel, of),
    );
    const { deliveries } = this;
    this.memberships = new Memberships({
      ...options,
      reports: meters,
      digest: () => sumOfDigests(channels.digest(), meters.digest()),
      inBucket: (bucket) => channels.inBucket(bucket),
      received: (channel, feeds, answer) => deliveries.receiveState(channel, feeds, answer),
      released: (name) => this.release(name),
    });
    this.sessions = new Sessions({
      ...{ ...options, channels, fanOut, memberships: this.memberships, meters },
      workerId: worker.id,
      opened: () => this.flusher.yieldToConnections(),
    });
    this.heartbeats = new Heartbeats({ sessions: this.sessions, fanOut, sockets, clock });
  }

  /** Starts the timers and takes the lease. */
  async start(): Promise<void> {
    this.heartbeats.start();
    await this.memberships.start();
  }

  /** Ends all streams, with reconnects spread over `spreadMs`; resolves when all are closed. */
  async stop(spreadMs: number): Promise<void> {
    this.sessions.drain(spreadMs);
    this.heartbeats.close();
    this.meters.reportAll();
    this.meters.close();
    this.channels.close();
    this.flusher.close();
    await Promise.all([this.memberships.finish(), this.sockets.end()]);
  }

  /** The window of the view that was flushed last, ms. */
  get flushWindowMs(): number {
    return this.flusher.windowMs;
  }

  private release(name: string): void {
    const channel = this.channels.remove(name);
    for (const view of channel?.views ?? []) this.flusher.remove(view);
  }
}
