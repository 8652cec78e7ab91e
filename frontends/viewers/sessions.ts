import type { SocketEvents, Viewer, ViewerSockets } from '../../adapters/viewer-sockets';
import type { Clock } from '../../runtime/clock';
import type { Entropy } from '../../runtime/entropy';
import { LikestreamError } from '../../schemas/errors';
import type { Places } from '../../schemas/place';
import type { Channels } from '../channels/channels';
import type { FanOut } from '../channels/fan-out';
import { byeFrame, readyFrame } from '../channels/frames';
import type { Memberships } from '../memberships';
import { type Row, Session } from './session';

/** Channels of one stream. */
export const MAX_CHANNELS_PER_STREAM = 50;

/** The most channels of one worker, including lingering ones. */
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
  /** Told of each viewer that comes. */
  readonly came?: () => void;
  /** Begins every connection id: whoever is asked about a stream finds its worker by it. */
  readonly workerId: string;
}

/** What a viewer asks for when it comes. */
export interface Request {
  readonly channels: readonly string[];
  /** Where its last event id says that it was. */
  readonly places: Places | undefined;
}

/** The viewers of this worker. */
export class Sessions implements SocketEvents {
  private readonly byViewer = new Map<Viewer, Session>();
  private readonly byId = new Map<string, Session>();
  private draining = false;

  constructor(private readonly parts: SessionsOptions) {
    parts.sockets.listen(this);
  }

  /** Throws `full` or `draining` if no viewer of these channels can be admitted now. */
  admit(channels: readonly string[] = []): void {
    if (this.draining) throw new LikestreamError('draining');
    if (this.byViewer.size >= this.parts.maxViewers) throw new LikestreamError('full');
    this.requireRoom(channels);
  }

  /** Takes a viewer: `ready`, then each channel from where it was. */
  open(viewer: Viewer, { channels, places }: Request): Session {
    const id = `${this.parts.workerId}.${this.parts.entropy.secretId()}`;
    const now = this.parts.clock.monotonic();
    const session = new Session(id, viewer, places && new Map(places), now);
    this.byViewer.set(viewer, session);
    this.byId.set(session.id, session);
    this.parts.fanOut.sendTo(session, readyFrame(session.id, channels, this.retryMs()));
    for (const channel of channels) this.addRow(session, channel);
    for (const row of [...session.rows]) this.parts.fanOut.sendLatest(row);
    this.parts.came?.();
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
    // The id is that of both from now on, so what was in step is no more.
    for (const other of session.rows) if (other !== row) this.parts.fanOut.leaveCohort(other);
    this.parts.fanOut.sendLatest(row);
  }

  /** Leaves a channel on an open stream. */
  leave(session: Session, channel: string): void {
    const row = session.row(channel);
    if (!row) return;
    session.rows.splice(session.rows.indexOf(row), 1);
    this.removeRow(row);
  }

  /** Says `bye` and ends the stream. */
  end(session: Session, reason: string, spreadMs = RETRY_SPREAD_MS): void {
    if (this.byViewer.get(session.viewer) !== session) return;
    this.parts.sockets.close(session.viewer, byeFrame(reason, this.retryMs(spreadMs)));
    this.gone(session.viewer);
  }

  /** Ends every stream, with the times at which they come back spread over `spreadMs`. */
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
    session.fullSince = undefined;
    for (const row of session.rows) this.parts.fanOut.resume(row);
  }

  all(): IterableIterator<Session> {
    return this.byViewer.values();
  }

  get size(): number {
    return this.byViewer.size;
  }

  /** When a viewer shall come back, different from one to the next, ms. */
  retryMs(spreadMs = RETRY_SPREAD_MS): number {
    return MIN_RETRY_MS + Math.floor(this.parts.entropy.fraction() * spreadMs);
  }

  private requireRoom(names: readonly string[]): void {
    const { channels, maxChannels = DEFAULT_MAX_CHANNELS, memberships } = this.parts;
    const excess = () => channels.size + channels.countNew(names) - maxChannels;
    // Channels without viewers are only kept for reconnects, so they make room.
    if (excess() > 0) memberships.makeRoom(excess(), names);
    if (excess() > 0) throw new LikestreamError('full');
  }

  private addRow(session: Session, name: string): Row {
    const { channel, isNew } = this.parts.channels.open(name);
    const seen = session.takePlace(channel.key);
    const row = { session, channel, seen, waitUntil: undefined, missedSince: undefined, index: 0 };
    channel.audience.add(row);
    session.rows.push(row);
    this.parts.memberships.watch(name, isNew);
    return row;
  }

  private removeRow(row: Row): void {
    row.channel.audience.remove(row);
    this.parts.fanOut.waiting.delete(row);
    if (row.channel.audience.size === 0) this.parts.memberships.unwatch(row.channel.name);
  }
}
