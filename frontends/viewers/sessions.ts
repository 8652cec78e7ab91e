import type { SocketEvents, Viewer, ViewerSockets } from '../../adapters/viewer-sockets';
import type { Clock } from '../../runtime/clock';
import type { Entropy } from '../../runtime/entropy';
import { LikestreamError } from '../../schemas/errors';
import type { Places } from '../../schemas/place';
import type { Channels } from '../channels/channels';
import type { FanOut } from '../channels/fan-out';
import { byeFrame, readyFrame } from '../channels/frames';
import { Row, type RowStream } from '../channels/row';
import type { Memberships } from '../memberships';
import { Session } from './session';

/** The most channels of one stream. */
export const MAX_CHANNELS_PER_STREAM = 50;

/** The most channels of one worker, lingering ones included. */
export const DEFAULT_MAX_CHANNELS = 100_000;

const MIN_RETRY_MS = 1_000;
const RETRY_SPREAD_MS = 2_000;

export interface SessionsOptions {
  readonly sockets: ViewerSockets;
  readonly channels: Channels;
  readonly fanOut: FanOut;
  readonly memberships: Pick<Memberships, 'watch' | 'unwatch' | 'makeRoom'>;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly maxViewers: number;
  /** The most channels held; `DEFAULT_MAX_CHANNELS` if not given. */
  readonly maxChannels?: number | undefined;
  /** Called when a viewer has opened a stream. */
  readonly opened?: () => void;
  /** The first part of every connection id, by which other workers find this one. */
  readonly workerId: string;
}

/** What a viewer requests when it opens a stream. */
export interface StreamRequest {
  readonly channels: readonly string[];
  /** The places of its last event id. */
  readonly places: Places | undefined;
}

/** The viewers of this worker. */
export class Sessions implements SocketEvents {
  private readonly byViewer = new Map<Viewer, Session>();
  private readonly byId = new Map<string, Session>();
  private draining = false;

  constructor(private readonly options: SessionsOptions) {
    options.sockets.listen(this);
  }

  /** Throws `full` or `draining` if no viewer of these channels can be admitted now. */
  admit(channels: readonly string[] = []): void {
    if (this.draining) throw new LikestreamError('draining');
    if (this.byViewer.size >= this.options.maxViewers) throw new LikestreamError('full');
    this.requireRoom(channels);
  }

  /** Opens a stream: sends `ready`, then what the viewer lacks of each channel. */
  open(viewer: Viewer, { channels, places }: StreamRequest): Session {
    const id = `${this.options.workerId}.${this.options.entropy.secretId()}`;
    const now = this.options.clock.monotonic();
    const session = new Session(id, viewer, places && new Map(places), now);
    this.byViewer.set(viewer, session);
    this.byId.set(session.id, session);
    this.options.fanOut.sendTo(session, readyFrame(session.id, channels, this.retryMs()));
    for (const channel of channels) this.addRow(session, channel);
    for (const row of [...session.rows]) this.options.fanOut.sendLatest(row);
    this.options.opened?.();
    return session;
  }

  find(id: string): Session | undefined {
    return this.byId.get(id);
  }

  /** Joins a channel on an open stream; throws `too_many_channels` or `full`. */
  join(session: Session, channel: string): void {
    if (session.row(channel)) return;
    if (session.rows.length >= MAX_CHANNELS_PER_STREAM) {
      throw new LikestreamError('too_many_channels');
    }
    this.requireRoom([channel]);
    const row = this.addRow(session, channel);
    // Event ids have the places of all channels now, so frames are no longer shared.
    for (const other of session.rows) if (other !== row) this.options.fanOut.leaveCohort(other);
    this.options.fanOut.sendLatest(row);
  }

  /** Leaves a channel on an open stream. */
  leave(session: Session, channel: string): void {
    const row = session.row(channel);
    if (!row) return;
    session.removeRow(row);
    this.removeRow(row);
  }

  /** Sends `bye` and ends the stream; has no effect if it has ended. */
  end(session: RowStream, reason: string, spreadMs = RETRY_SPREAD_MS): void {
    if (this.byViewer.get(session.viewer) !== session) return;
    this.options.sockets.close(session.viewer, byeFrame(reason, this.retryMs(spreadMs)));
    this.gone(session.viewer);
  }

  /** Ends every stream; the times at which viewers reconnect are spread over `spreadMs`. */
  drain(spreadMs: number): void {
    this.draining = true;
    for (const session of [...this.byViewer.values()]) this.end(session, 'draining', spreadMs);
  }

  gone(viewer: Viewer): void {
    const session = this.byViewer.get(viewer);
    if (!session) return;
    this.byViewer.delete(viewer);
    this.byId.delete(session.id);
    for (const row of session.rows) this.removeRow(row);
  }

  drained(viewer: Viewer): void {
    const session = this.byViewer.get(viewer);
    if (!session) return;
    session.markDrained();
    for (const row of session.rows) this.options.fanOut.resume(row);
  }

  all(): IterableIterator<Session> {
    return this.byViewer.values();
  }

  get size(): number {
    return this.byViewer.size;
  }

  /** Returns a random time after which a viewer shall reconnect, ms. */
  retryMs(spreadMs = RETRY_SPREAD_MS): number {
    return MIN_RETRY_MS + Math.floor(this.options.entropy.fraction() * spreadMs);
  }

  private requireRoom(names: readonly string[]): void {
    const { channels, maxChannels = DEFAULT_MAX_CHANNELS, memberships } = this.options;
    const excess = () => channels.size + channels.countNew(names) - maxChannels;
    // Channels without viewers are only kept for reconnects, so they are released first.
    if (excess() > 0) memberships.makeRoom(excess(), names);
    if (excess() > 0) throw new LikestreamError('full');
  }

  private addRow(session: Session, name: string): Row {
    const { channel, isNew } = this.options.channels.open(name);
    const row = new Row(session, channel, session.takePlace(channel.key));
    channel.audience.add(row);
    session.addRow(row);
    this.options.memberships.watch(name, isNew);
    return row;
  }

  private removeRow(row: Row): void {
    row.channel.audience.remove(row);
    this.options.fanOut.waiting.delete(row);
    if (row.channel.audience.size === 0) this.options.memberships.unwatch(row.channel.name);
  }
}
