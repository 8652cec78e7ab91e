import type { ViewerLag } from '../../adapters/viewer-lag';
import type { SocketEvents, Viewer, ViewerSockets } from '../../adapters/viewer-sockets';
import type { ChannelView } from '../../frontends/channels/channel-view';
import { Channels } from '../../frontends/channels/channels';
import { FanOut } from '../../frontends/channels/fan-out';
import type { Flush } from '../../frontends/channels/flusher';
import type { Session } from '../../frontends/viewers/session';
import { Sessions } from '../../frontends/viewers/sessions';
import type { Member } from '../../runtime/members/member';
import { EventTypes } from '../../schemas/event-types';
import type { Frame } from '../../schemas/frame';
import { likes } from '../../schemas/likes';
import { UNMEASURED } from '../../schemas/measures';
import { decodeAllPlaces } from '../../schemas/place';
import type { Counts } from '../../schemas/policies/counter';
import { MEMBER_RIGHTS } from '../../schemas/rights';
import type { Vector, Versioned } from '../../schemas/state';
import { Seeded } from '../simulation/seeded';
import { VirtualClock } from '../simulation/virtual-clock';

/** One event as a viewer reads it. */
export interface StreamEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: Record<string, unknown>;
}

/** Sockets that record what each viewer was sent; the test chooses the full viewers. */
export class FakeSockets implements ViewerSockets, ViewerLag {
  readonly sent = new Map<Viewer, string>();
  readonly full = new Set<Viewer>();
  /** Viewers that become full after this number of frames. */
  readonly fullAfter = new Map<Viewer, number>();
  readonly closed = new Set<Viewer>();
  /** The number of calls of `send`, each for any number of viewers. */
  calls = 0;
  private events: SocketEvents | undefined;

  listen(events: SocketEvents): void {
    this.events = events;
  }

  send(viewers: Int32Array, frame: Frame): readonly Viewer[] {
    this.calls += 1;
    const text = frame.plain.toString();
    const open = [...viewers].filter((viewer) => !this.closed.has(viewer));
    for (const viewer of open) {
      const left = this.fullAfter.get(viewer);
      if (left === 0) this.full.add(viewer);
      if (left !== undefined) this.fullAfter.set(viewer, left - 1);
      if (!this.full.has(viewer)) this.sent.set(viewer, (this.sent.get(viewer) ?? '') + text);
    }
    return open.filter((viewer) => this.full.has(viewer));
  }

  lagOf(): number {
    return 0;
  }

  close(viewer: Viewer, last?: Frame): void {
    if (this.closed.has(viewer)) throw new Error(`viewer ${viewer} was closed before`);
    if (last) this.send(Int32Array.of(viewer), last);
    this.closed.add(viewer);
  }

  async end(): Promise<void> {}

  drain(viewer: Viewer): void {
    this.fullAfter.delete(viewer);
    if (this.full.delete(viewer)) this.events?.drained(viewer);
  }

  leave(viewer: Viewer): void {
    this.closed.add(viewer);
    this.events?.gone(viewer);
  }

  /** The events that a viewer was sent, pings left out. */
  eventsOf(viewer: Viewer): StreamEvent[] {
    return eventsIn(this.sent.get(viewer) ?? '');
  }
}

/** The events of a text, pings left out. */
export function eventsIn(text: string): StreamEvent[] {
  const blocks = text.split('\n\n').filter(Boolean);
  return blocks.map(parse).filter(({ event }) => event !== 'ping');
}

function parse(block: string): StreamEvent {
  const fields = new Map<string, string>();
  for (const line of block.split('\n')) {
    const colon = line.indexOf(': ');
    fields.set(line.slice(0, colon), line.slice(colon + 2));
  }
  const data: Record<string, unknown> = JSON.parse(fields.get('data') ?? 'null');
  return { event: fields.get('event') ?? '', id: fields.get('id'), data };
}

/** A state with these counts. */
export function counting(version: number, state: Counts): Versioned {
  return { version, state };
}

/** A state with `likes` counted, at a version that depends on `likes` alone. */
export function counted(likes: number): Versioned {
  return counting(likes * 10, { like: likes });
}

/**
 * A worker's channels and sessions, with fake sockets and no flusher: the test flushes. `apply` is
 * a dispatcher's whole answer, and `deliver` a delivery.
 */
export function frontend(types = new EventTypes([likes])) {
  const clock = new VirtualClock();
  const sockets = new FakeSockets();
  const requested: string[] = [];
  const opened = new Set<Session>();
  const fanOut = new FanOut(
    sockets,
    clock,
    UNMEASURED,
    (channel) => requested.push(channel),
    (memberId) => [...opened].filter((session) => session.memberId === memberId),
  );
  const changed = new Set<ChannelView>();
  const watched = new Map<string, boolean>();
  const channels = new Channels(types, clock, (view) => changed.add(view));
  const sessions = new Sessions({
    ...{ sockets, channels, fanOut, clock },
    memberships: {
      watch: (channel) => watched.set(channel, true),
      unwatch: (channel) => watched.set(channel, false),
      makeRoom: () => undefined,
    },
    entropy: new Seeded(5).entropy,
    maxViewers: 10_000,
    workerId: 'w1',
  });
  let next: Viewer = 1;
  const viewOf = (name: string): ChannelView => {
    const [view] = channels.get(name)?.views ?? [];
    if (!view) throw new Error(`${name} is not watched`);
    return view;
  };
  const begin = (name: string, view = viewOf(name)): Flush => {
    changed.delete(view);
    return fanOut.begin(view);
  };
  const apply = (name: string, vector: Vector, t: number, type = 'likes'): void =>
    channels.apply(name, { [type]: vector }, t, 'complete');
  const deliver = (name: string, vector: Vector, t: number, type = 'likes'): void =>
    channels.apply(name, { [type]: vector }, t);
  return {
    ...{
      requested,
      apply,
      begin,
      changed,
      deliver,
      channels,
      clock,
      fanOut,
      sessions,
      sockets,
      viewOf,
    },
    watched,
    hasChanged: (name: string) => [...changed].some(({ channel }) => channel.name === name),
    /** Opens a stream, with the last event id of an earlier one. */
    open(names: string[], lastId = '', events?: readonly string[], member = ANN): Session {
      const places = decodeAllPlaces([lastId]);
      const session = sessions.open(next++, { channels: names, places, events }, member);
      opened.add(session);
      return session;
    },
    /** Delivers a state and flushes it to all viewers. */
    become(name: string, total: number, origin = 'dc1.1'): void {
      apply(name, { [origin]: counted(total) }, clock.now());
      for (const view of [...changed]) finish(begin(name, view));
    },
  };
}

export const VIDEO = 'video:42';

/** The member who opens streams. */
export const ANN: Member = { id: 'ann', rights: MEMBER_RIGHTS, isAnonymous: false };

/** A thousand viewers of a video, and a flush from 1 to 5 likes that has reached some of them. */
export function midway() {
  const parts = frontend();
  const sessions = Array.from({ length: 1_000 }, () => parts.open([VIDEO]));
  parts.become(VIDEO, 1);
  parts.apply(VIDEO, { 'dc1.1': counted(5) }, 0);
  const flush = parts.begin(VIDEO);
  if (flush(0.6)) throw new Error('done already');
  const isDone = ({ viewer }: Session) => parts.sockets.eventsOf(viewer).length === 3;
  const done = sessions.filter(isDone);
  const waiting = sessions.filter((one) => !isDone(one));
  if (done.length === 0 || waiting.length === 0) throw new Error('not midway');
  return { ...parts, sessions, done, waiting, flush };
}

/** Each event as its name, `total` and `new`. */
export function summary(events: readonly StreamEvent[]): unknown[] {
  return events.map(({ event, data }) => [event, data.total, data.new]);
}

/** Works on a flush until it is done. */
export function finish(flush: Flush): void {
  for (let turns = 0; !flush(1_000); turns++) if (turns > 1_000) throw new Error('never done');
}
