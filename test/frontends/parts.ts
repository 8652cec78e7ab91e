import type { SocketEvents, Viewer, ViewerSockets } from '../../adapters/viewer-sockets';
import { Channels } from '../../frontends/channels/channels';
import { FanOut } from '../../frontends/channels/fan-out';
import type { Flush } from '../../frontends/channels/flusher';
import type { Session } from '../../frontends/viewers/session';
import { Sessions } from '../../frontends/viewers/sessions';
import { UNMEASURED } from '../../schemas/measures';
import { decodePlaces } from '../../schemas/place';
import type { OriginState } from '../../schemas/state';
import { Seeded } from '../simulation/seeded';
import { VirtualClock } from '../simulation/virtual-clock';

/** One event as a viewer reads it. */
export interface StreamEvent {
  readonly event: string;
  readonly id: string | undefined;
  readonly data: Record<string, unknown>;
}

/** Sockets that keep what each viewer was sent; the test says who is full. */
export class FakeSockets implements ViewerSockets {
  readonly sent = new Map<Viewer, string>();
  readonly full = new Set<Viewer>();
  readonly closed = new Set<Viewer>();
  /** How many times a frame was handed over, for however many viewers. */
  calls = 0;
  private events: SocketEvents | undefined;

  listen(events: SocketEvents): void {
    this.events = events;
  }

  send(viewers: Int32Array, frame: Buffer): readonly Viewer[] {
    this.calls += 1;
    const text = frame.toString();
    const open = [...viewers].filter((viewer) => !this.closed.has(viewer));
    for (const viewer of open) {
      if (!this.full.has(viewer)) this.sent.set(viewer, (this.sent.get(viewer) ?? '') + text);
    }
    return open.filter((viewer) => this.full.has(viewer));
  }

  close(viewer: Viewer, last?: Buffer): void {
    if (this.closed.has(viewer)) throw new Error(`viewer ${viewer} was closed before`);
    if (last) this.send(Int32Array.of(viewer), last);
    this.closed.add(viewer);
  }

  async end(): Promise<void> {}

  drain(viewer: Viewer): void {
    if (this.full.delete(viewer)) this.events?.drained(viewer);
  }

  leave(viewer: Viewer): void {
    this.closed.add(viewer);
    this.events?.gone(viewer);
  }

  /** The events that a viewer was sent, heartbeats left out. */
  eventsOf(viewer: Viewer): StreamEvent[] {
    const blocks = (this.sent.get(viewer) ?? '').split('\n\n').filter(Boolean);
    return blocks.filter((block) => block !== ':').map(parse);
  }
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

/** A state that has counted `likes`, at the version that so many likes have. */
export function counted(likes: number): OriginState {
  return { version: likes * 10, counts: { like: likes } };
}

/** A worker's viewers without its sockets and its flusher: the test flushes by hand. */
export function frontend() {
  const clock = new VirtualClock();
  const sockets = new FakeSockets();
  const asked: string[] = [];
  const fanOut = new FanOut(sockets, clock, UNMEASURED, (channel) => asked.push(channel));
  const changed = new Set<string>();
  const wanted = new Map<string, boolean>();
  const channels = new Channels((channel) => changed.add(channel.name));
  const sessions = new Sessions({
    ...{ sockets, channels, fanOut, clock },
    memberships: {
      watch: (channel) => wanted.set(channel, true),
      unwatch: (channel) => wanted.set(channel, false),
      makeRoom: () => undefined,
    },
    entropy: new Seeded(5).entropy,
    maxViewers: 10_000,
    workerId: 'w1',
  });
  let next: Viewer = 1;
  const begin = (name: string): Flush => {
    const channel = channels.get(name);
    if (!channel) throw new Error(`${name} is not watched`);
    changed.delete(name);
    return fanOut.begin(channel);
  };
  return {
    ...{ asked, begin, changed, channels, clock, fanOut, sessions, sockets, wanted },
    /** Opens a stream, with the event id that it left off at. */
    open(names: string[], lastId = ''): Session {
      const places = decodePlaces(lastId);
      return sessions.open(next++, { channels: names, places });
    },
    /** Delivers a state and flushes it to all. */
    become(name: string, likes: number, origin = 'dc1.1'): void {
      channels.apply(name, { [origin]: counted(likes) }, clock.now());
      if (changed.has(name)) finish(begin(name));
    },
  };
}

export const VIDEO = 'video:42';

/** A thousand viewers of one video, and a flush from 1 to 5 likes that has passed some of them. */
export function midway() {
  const parts = frontend();
  const sessions = Array.from({ length: 1_000 }, () => parts.open([VIDEO]));
  parts.become(VIDEO, 1);
  parts.channels.apply(VIDEO, { 'dc1.1': counted(5) }, 0);
  const flush = parts.begin(VIDEO);
  if (flush(0.6)) throw new Error('done already');
  const isDone = ({ viewer }: Session) => parts.sockets.eventsOf(viewer).length === 3;
  const done = sessions.filter(isDone);
  const waiting = sessions.filter((one) => !isDone(one));
  if (done.length === 0 || waiting.length === 0) throw new Error('not midway');
  return { ...parts, sessions, done, waiting, flush };
}

/** What events say of likes: event, total, new. */
export function summary(events: readonly StreamEvent[]): unknown[] {
  return events.map(({ event, data }) => [event, data.total, data.new]);
}

/** Works on a flush until it is done. */
export function finish(flush: Flush): void {
  for (let turns = 0; !flush(1_000); turns++) if (turns > 1_000) throw new Error('never done');
}
