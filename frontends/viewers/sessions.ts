import type { SocketEvents, Viewer, ViewerSockets } from '../../adapters/viewer-sockets';
import type { Clock } from '../../runtime/clock';
import type { Entropy } from '../../runtime/entropy';
import type { Member } from '../../runtime/members/member';
import { LikestreamError } from '../../schemas/errors';
import type { EventType } from '../../schemas/event-type';
import type { EventTypes } from '../../schemas/event-types';
import type { Places } from '../../schemas/place';
import type { Channels } from '../channels/channels';
import type { FanOut } from '../channels/fan-out';
import { byeFrame, readyFrame } from '../channels/frames';
import { Row, type RowStream } from '../channels/row';
import type { Memberships } from '../memberships';
import type { StreamMeters } from '../streams/stream-meters';
import { Admission, type AdmissionOptions } from './admission';
import { EndQueue } from './end-queue';
import { MemberIndex } from './member-index';
import { RetryTimes } from './retry-times';
import { Session } from './session';
import type { Holder } from './stream-limits';
import { msUntilEnd } from './token-end';

/** The most channels of one stream. */
export const MAX_CHANNELS_PER_STREAM = 50;

/** What the meters of streams are called with. */
type Meters = Pick<StreamMeters, 'joined' | 'left' | 'memberOpened' | 'memberClosed'>;

export interface SessionsOptions extends AdmissionOptions {
  readonly sockets: ViewerSockets;
  readonly channels: Channels;
  readonly fanOut: FanOut;
  readonly memberships: Pick<Memberships, 'watch' | 'unwatch' | 'makeRoom'>;
  /** Called as streams open, join and leave channels, and close; not called if not given. */
  readonly meters?: Meters | undefined;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly maxViewers: number;
  /** Called when a viewer has opened a stream. */
  readonly opened?: () => void;
  /** The first part of every connection id, by which other workers find this one. */
  readonly workerId: string;
}

/** The feeds that a viewer asks for, and where it continues. */
export interface FeedRequest {
  /** The names of event types; unknown ones are ignored. Undefined for all types. */
  readonly events?: readonly string[] | undefined;
  /** The places of its last event ids. */
  readonly places?: Places | undefined;
}

/** What a viewer requests when it opens a stream. */
export interface StreamRequest extends FeedRequest {
  readonly channels: readonly string[];
}

/** The member who opens a stream. */
export type Opener = Omit<Member, 'rights'>;

/** The viewers of this worker. */
export class Sessions implements SocketEvents {
  private readonly byViewer = new Map<Viewer, Session>();
  private readonly byId = new Map<string, Session>();
  private readonly byMember = new MemberIndex();
  private readonly admission: Admission;
  readonly retryTimes: RetryTimes;
  private readonly ends: EndQueue<Session>;
  private draining = false;

  constructor(private readonly options: SessionsOptions) {
    this.admission = new Admission(options);
    this.retryTimes = new RetryTimes(options.entropy);
    this.ends = new EndQueue(options.clock, (session, reason) => this.end(session, reason));
    options.sockets.listen(this);
  }

  /** The event types that streams can carry. */
  get types(): EventTypes {
    return this.options.channels.types;
  }

  /**
   * Throws `full`, `draining` or `too_many_streams` if no viewer of these channels can be admitted
   * now, and `invalid_channel` if none of its event types is one of a channel.
   */
  admit({ channels, events }: Omit<StreamRequest, 'places'>, holder?: Holder): void {
    const selected = channels.map((name) => [name, this.admission.select(name, events)] as const);
    if (this.draining) throw new LikestreamError('draining');
    if (this.byViewer.size >= this.options.maxViewers) throw new LikestreamError('full');
    this.admission.requireStream(selected, holder);
  }

  /** Opens a stream: sends `ready`, then what the viewer lacks of each channel. */
  open(viewer: Viewer, { channels, events, places }: StreamRequest, member: Opener): Session {
    const id = `${this.options.workerId}.${this.options.entropy.secretId()}`;
    const now = this.options.clock.monotonic();
    const remembered = places && places.size > 0 ? new Map(places) : undefined;
    const endsAt = this.endOf(member);
    const session = new Session(id, viewer, member, events, remembered, now, endsAt);
    this.byViewer.set(viewer, session);
    this.byId.set(session.id, session);
    this.byMember.add(session);
    this.admission.limits.addStream(session);
    if (!session.isAnonymous) this.options.meters?.memberOpened(session.memberId);
    this.options.fanOut.sendTo(session, readyFrame(session.id, channels, this.retryTimes.next()));
    for (const channel of channels) {
      this.addRow(session, channel, this.admission.select(channel, events));
    }
    for (const row of [...session.rows]) this.options.fanOut.sendLatest(row);
    this.options.opened?.();
    return session;
  }

  find(id: string): Session | undefined {
    return this.byId.get(id);
  }

  /**
   * Joins a channel on an open stream, with the stream's event types unless others are given;
   * throws `too_many_channels`, `invalid_channel` or `full`, and `not_found` if the stream has
   * ended. Has no effect if the channel is joined already.
   */
  join(session: Session, channel: string, { events, places }: FeedRequest = {}): void {
    if (!this.isOpen(session)) throw new LikestreamError('not_found', 'the stream has ended');
    if (session.row(channel)) return;
    if (session.rows.length >= MAX_CHANNELS_PER_STREAM) {
      throw new LikestreamError('too_many_channels');
    }
    const types = this.admission.select(channel, events ?? session.events);
    this.admission.requireChannel(channel, types, session);
    const row = this.addRow(session, channel, types, places);
    // Event ids have the places of all channels now, so frames are no longer shared.
    for (const other of session.rows) if (other !== row) this.options.fanOut.leaveCohort(other);
    this.options.fanOut.sendLatest(row);
  }

  /** Leaves a channel on an open stream. */
  leave(session: Session, channel: string): void {
    const row = session.row(channel);
    // The rows of a stream that has ended are removed already.
    if (!row || !this.isOpen(session)) return;
    this.admission.limits.requireChange(session);
    session.removeRow(row);
    this.admission.limits.addChannels(session, -1);
    this.removeRow(row);
  }

  /** Sends `bye` and ends the stream; has no effect if it has ended. */
  end(session: RowStream, reason: string, spreadMs?: number): void {
    if (!this.isOpen(session)) return;
    this.options.sockets.close(session.viewer, byeFrame(reason, this.retryTimes.next(spreadMs)));
    this.gone(session.viewer);
  }

  /** Ends a stream soon: use it if many streams may have to end at once. */
  endSoon(session: Session, reason: string): void {
    this.ends.add(session, reason);
  }

  /** Lets a stream end no later than a token by which it has joined a channel. */
  endWith(session: Session, { expiresAt = Infinity }: Pick<Opener, 'expiresAt'>): void {
    const { clock } = this.options;
    const endsAt = Math.round(clock.monotonic() + expiresAt - clock.now());
    if (endsAt < (session.endsAt ?? Infinity)) session.endAt(endsAt);
  }

  /** Lets a stream end with a new token; throws `not_found` if it has ended. */
  renew(session: Session, member: Opener): void {
    if (!this.isOpen(session)) throw new LikestreamError('not_found', 'the stream has ended');
    this.ends.delete(session);
    session.endAt(this.endOf(member));
  }

  /** Ends every stream; the times at which viewers reconnect are spread over `spreadMs`. */
  drain(spreadMs: number): void {
    this.draining = true;
    this.ends.close();
    for (const session of [...this.byViewer.values()]) this.end(session, 'draining', spreadMs);
  }

  gone(viewer: Viewer): void {
    const session = this.byViewer.get(viewer);
    if (!session) return;
    this.byViewer.delete(viewer);
    this.byId.delete(session.id);
    this.byMember.delete(session);
    this.admission.limits.removeStream(session, session.rows.length);
    for (const row of session.rows) this.removeRow(row);
    if (!session.isAnonymous) this.options.meters?.memberClosed(session.memberId);
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

  /** The open streams of a member. */
  sessionsOf(memberId: string): readonly Session[] {
    return this.byMember.of(memberId);
  }

  get size(): number {
    return this.byViewer.size;
  }

  private endOf(member: Opener): number | undefined {
    const { clock, entropy } = this.options;
    const ms = msUntilEnd(member, clock.now(), () => entropy.fraction());
    return ms === undefined ? undefined : Math.round(clock.monotonic() + ms);
  }

  private isOpen(session: RowStream): boolean {
    return this.byViewer.get(session.viewer) === session;
  }

  private addRow(
    session: Session,
    name: string,
    types: readonly EventType[],
    places?: Places,
  ): Row {
    const { channel, isNew } = this.options.channels.open(name);
    const remembered = session.takePlace(channel.key);
    const view = channel.viewOf(types, this.options.clock.now());
    const row = new Row(session, view, places?.get(channel.key) ?? remembered);
    view.audience.add(row);
    session.addRow(row);
    this.admission.limits.addChannels(session, 1);
    this.options.meters?.joined(name, session.memberId);
    this.options.memberships.watch(name, isNew);
    return row;
  }

  private removeRow(row: Row): void {
    const { audience, channel } = row.view;
    audience.remove(row);
    this.options.meters?.left(channel.name);
    this.options.fanOut.waiting.delete(row);
    if (audience.size > 0) return;
    const isWatched = this.options.channels.get(channel.name)?.size;
    if (!isWatched) this.options.memberships.unwatch(channel.name);
  }
}
