import { z } from 'zod';
import type { Viewer } from '../../adapters/viewer-sockets';
import type { Frontend } from '../../frontends/frontend';
import { LikestreamError } from '../../schemas/errors';
import type { Seen } from '../../schemas/event-type';
import { channelKey, type Places, vectorText } from '../../schemas/place';
import { EventIds } from './event-ids';
import type { Seeded } from './seeded';
import { type Shown, type ShownFields, shownIn, stepsBack, sumIn, VIEWS } from './shown';
import { feedOf } from './videos';
import type { VirtualClock } from './virtual-clock';

const MAX_RECONNECT_MS = 1_500;
const MAX_UNNOTICED_MS = 4_000;

/** A channel is joined again at most this time after it was left. */
const MAX_LEFT_MS = 1_500;

/** One in this many frames with several events is cut after one of them. */
const CUT_EVERY = 4;

const event = z.looseObject({
  channel: z.string().optional(),
  new: z.int().optional(),
});

/** The viewers' connections to a frontend, from the viewers' side. */
export interface Connections {
  connect(viewer: SimulatedViewer): Viewer;
  /** A full viewer reads again. */
  drain(viewer: Viewer): void;
  /** The viewer's end is closed, and the frontend gets the event now. */
  cut(viewer: Viewer): void;
}

/** A frontend that accepts viewers. */
export interface OpenFrontend {
  readonly process: { readonly runs: boolean };
  readonly frontend: Pick<Frontend, 'sessions'>;
  readonly sockets: Connections;
}

export interface ViewerOptions {
  readonly name: string;
  readonly channels: readonly string[];
  /** The names of event types that it asks for; all if not given. */
  readonly events: readonly string[] | undefined;
  readonly clock: VirtualClock;
  readonly random: Seeded;
  /** A frontend that accepts viewers now, if there is one. */
  readonly openFrontend: () => OpenFrontend | undefined;
  /** Whether totals may step back: an id was accepted in two datacenters. */
  readonly maySeeDoubles: boolean;
  /** Called with each violation of the promise. */
  readonly violation: (what: string) => void;
  /** Called with each frame that arrives. */
  readonly trace: (line: string) => void;
}

interface Connection extends OpenFrontend {
  readonly number: Viewer;
}

/** A viewer that checks every event. */
export class SimulatedViewer {
  /** The last event of each feed. */
  readonly shown = new Map<string, Shown>();
  /** The types that it asks for. */
  readonly views: readonly ShownFields[];
  /** Snapshots of feeds of which it had one. */
  repeatedSnapshots = 0;
  isSlow = false;
  private connection: Connection | undefined;
  private readonly ids = new EventIds();

  constructor(private readonly options: ViewerOptions) {
    const { events } = options;
    this.views = VIEWS.filter(({ type }) => events?.includes(type) ?? true);
  }

  /** The feeds that it asks for. */
  get feeds(): { readonly channel: string; readonly view: ShownFields }[] {
    const { channels } = this.options;
    return channels.flatMap((channel) => this.views.map((view) => ({ channel, view })));
  }

  connect(): void {
    const found = this.options.openFrontend();
    if (!found || !this.isAdmitted(found)) {
      this.reconnectLater();
      return;
    }
    const { channels, events } = this.options;
    const number = found.sockets.connect(this);
    const { frontend, process, sockets } = found;
    this.connection = { frontend, process, sockets, number };
    frontend.sessions.open(number, { channels, events, places: this.ids.resume() });
  }

  receive(sockets: Connections, number: Viewer, frame: string): void {
    if (!this.isConnected(sockets, number)) return;
    this.options.trace(`${this.options.name} ${frame}`);
    const blocks = frame.split('\n\n').slice(0, -1);
    for (const [at, block] of blocks.entries()) {
      this.read(block.split('\n'));
      const isLast = at === blocks.length - 1;
      // The rest of the frame is lost with the connection.
      if (isLast || !this.options.random.once(CUT_EVERY)) continue;
      this.cut();
      return;
    }
  }

  /** The frontend has closed the connection. */
  onClosed(sockets: Connections, number: Viewer): void {
    if (!this.isConnected(sockets, number)) return;
    this.connection = undefined;
    this.reconnectLater();
  }

  /** Breaks the connection; the frontend gets the event now or seconds later. */
  cut(): void {
    const { connection } = this;
    if (!connection) return;
    this.connection = undefined;
    const { clock, random } = this.options;
    const unnoticed = random.once(2) ? random.below(MAX_UNNOTICED_MS) : 0;
    clock.after(unnoticed, () => connection.sockets.cut(connection.number));
    this.reconnectLater();
  }

  /** Leaves a channel of the open stream, and later joins it again from its place at that time. */
  rejoin(): void {
    const { channels, clock, random } = this.options;
    const channel = random.pick(channels);
    const { connection } = this;
    const session = connection && sessionOf(connection);
    if (!session || this.ids.hasLeft(channel)) return;
    this.ids.leave(channel);
    connection.frontend.sessions.leave(session, channel);
    clock.after(random.below(MAX_LEFT_MS), () => this.join(channel));
  }

  setSlow(isSlow: boolean): void {
    this.isSlow = isSlow;
    if (!isSlow) this.connection?.sockets.drain(this.connection.number);
  }

  private join(channel: string): void {
    // A connection that was opened since then has the channel.
    if (!this.ids.hasLeft(channel) || !this.connection) return;
    const session = sessionOf(this.connection);
    if (!session) {
      this.options.clock.after(MAX_LEFT_MS, () => this.join(channel));
      return;
    }
    const places = this.ids.join(channel);
    this.connection.frontend.sessions.join(session, channel, { places });
  }

  private isAdmitted({ frontend }: OpenFrontend): boolean {
    const { channels, events, violation } = this.options;
    try {
      frontend.sessions.admit({ channels, events });
      return true;
    } catch (error) {
      const isTemporary = error instanceof LikestreamError && error.retriable;
      if (!isTemporary) violation(`refused: ${error}`);
      return false;
    }
  }

  private read(lines: readonly string[]): void {
    const field = (name: string) =>
      lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
    const [data, id] = [field('data'), field('id')];
    const places = id === undefined ? undefined : this.ids.note(id);
    if (data === undefined) return;
    this.check(field('event') ?? '', event.parse(JSON.parse(data)), places);
  }

  // The frontend may still send frames on a connection that is cut.
  private isConnected(sockets: Connections, number: Viewer): boolean {
    return this.connection?.sockets === sockets && this.connection.number === number;
  }

  private reconnectLater(): void {
    const wait = this.options.random.below(MAX_RECONNECT_MS);
    this.options.clock.after(wait, () => {
      if (!this.connection) this.connect();
    });
  }

  private check(name: string, data: z.infer<typeof event>, places: Places | undefined): void {
    const { channel, new: news } = data;
    if (channel === undefined) return;
    if (this.ids.hasLeft(channel)) this.options.violation(`${name} of ${channel}, which was left`);
    for (const view of VIEWS) {
      const shown = shownIn(data, view);
      if (!shown) continue;
      const feed = feedOf(channel, view.type);
      this.checkPlace(feed, shown, places?.get(channelKey(channel))?.get(view.type));
      if (!this.views.includes(view)) this.options.violation(`${feed} was not asked for`);
      if (name === 'snapshot') this.showFirst(feed, shown);
      else if (name === view.type) this.add(feed, shown, news ?? Number.NaN);
      else this.options.violation(`${name} with fields of ${feed}`);
    }
  }

  /** The id of an event has the place that a viewer reaches by it. */
  private checkPlace(feed: string, { seen, total }: Shown, place: Seen | undefined): void {
    if (place?.total === total && vectorText(place.versions) === seen) return;
    this.options.violation(`the id of ${feed} has not the place ${total}:${seen}`);
  }

  private add(feed: string, shown: Shown, news: number): void {
    const { maySeeDoubles, violation } = this.options;
    const last = this.shown.get(feed);
    const before = last?.total;
    const { seen, total } = shown;
    this.show(feed, shown);
    if (before === undefined) violation(`news of ${feed} before its snapshot`);
    else if (before + news !== total) violation(`${feed}: ${before} + ${news} is not ${total}`);
    else if (stepsBack(last?.seen ?? '', seen))
      violation(`${feed}: ${seen} is after ${last?.seen}`);
    else if (total < before && !maySeeDoubles) violation(`${feed} steps back to ${total}`);
  }

  private showFirst(feed: string, shown: Shown): void {
    if (this.shown.has(feed)) this.repeatedSnapshots += 1;
    this.show(feed, shown);
  }

  private show(feed: string, shown: Shown): void {
    this.shown.set(feed, shown);
    const { counts, total } = shown;
    if (sumIn(counts) === total) return;
    this.options.violation(`${feed}: ${JSON.stringify(counts)} do not add up to ${total}`);
  }
}

/** The session of a connection, if the process of its frontend can be called. */
function sessionOf({ frontend, number, process }: Connection) {
  if (!process.runs) return undefined;
  for (const session of frontend.sessions.all()) if (session.viewer === number) return session;
  return undefined;
}
