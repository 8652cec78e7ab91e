import type { Viewer } from '../../adapters/viewer-sockets';
import type { Frontend } from '../../frontends/frontend';
import { LikestreamError } from '../../schemas/errors';
import type { CommentChecksOptions } from './comment-checks';
import { EventIds } from './event-ids';
import { FeedChecks } from './feed-checks';
import { LiveChecks, type LiveChecksOptions } from './live-checks';
import type { Seeded } from './seeded';
import { sessionOf } from './session-of';
import type { VirtualClock } from './virtual-clock';

const MAX_RECONNECT_MS = 1_500;
const MAX_UNNOTICED_MS = 4_000;

/** A channel is joined again at most this time after it was left. */
const MAX_LEFT_MS = 1_500;

/** One in this many new streams is of another set of event types. */
const OTHER_EVENTS_EVERY = 4;

/** One in this many frames with several events is cut after one of them. */
const CUT_EVERY = 4;

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
  readonly datacenter: string;
  readonly process: { readonly runs: boolean };
  readonly frontend: Pick<Frontend, 'sessions'>;
  readonly sockets: Connections;
}

export interface ViewerOptions
  extends Pick<LiveChecksOptions, 'memberId' | 'shownTyping'>,
    Pick<CommentChecksOptions, 'endOf' | 'walk'> {
  readonly name: string;
  readonly channels: readonly string[];
  /** The sets of event types that it asks for, one a stream; undefined for all types. */
  readonly events: readonly (readonly string[] | undefined)[];
  readonly clock: VirtualClock;
  readonly random: Seeded;
  /** A frontend that accepts viewers now, if there is one. */
  readonly openFrontend: () => OpenFrontend | undefined;
  /** Whether totals may step back: an id was accepted in two datacenters. */
  readonly maySeeDoubles: boolean;
  /** Called with each violation of the promise. */
  readonly violation: (what: string) => void;
  /** Called when a frontend of a datacenter shows that a member is offline. */
  readonly shownOffline: (memberId: string, datacenter: string) => void;
  /** Called with each frame that arrives. */
  readonly trace: (line: string) => void;
}

interface Connection extends OpenFrontend {
  readonly number: Viewer;
}

/** A viewer that checks every event. */
export class SimulatedViewer {
  /** What it was sent of each feed. */
  readonly feeds: FeedChecks;
  /** What its present stream has shown of leased feeds and moments. */
  readonly live: LiveChecks;
  isSlow = false;
  /** When it last opened or lost its stream; monotonic ms. */
  changedAt = 0;
  private awayUntil = Number.NEGATIVE_INFINITY;
  private events: readonly string[] | undefined;
  private connection: Connection | undefined;
  private readonly ids = new EventIds();

  constructor(private readonly options: ViewerOptions) {
    this.feeds = new FeedChecks(options);
    this.live = new LiveChecks({
      ...options,
      shownOffline: (id) => options.shownOffline(id, this.connection?.datacenter ?? ''),
    });
    this.chooseEvents();
  }

  /** Its member. */
  get memberId(): string {
    return this.options.memberId;
  }

  /** Its connection, if the process of the frontend runs. */
  get stream(): OpenFrontend | undefined {
    return this.connection?.process.runs ? this.connection : undefined;
  }

  /** Whether it has closed its stream on purpose. */
  get isAway(): boolean {
    return this.options.clock.monotonic() < this.awayUntil;
  }

  /** Whether its open stream has a channel. */
  watches(channel: string): boolean {
    const isOpen = this.connection !== undefined && this.options.channels.includes(channel);
    return isOpen && !this.ids.hasLeft(channel);
  }

  /** Whether its stream has events of a type. */
  asksFor(type: string): boolean {
    return this.events?.includes(type) ?? true;
  }

  /** Closes the stream, and opens one again after this time; Infinity: never. */
  depart(forMs: number): void {
    this.awayUntil = this.options.clock.monotonic() + forMs;
    this.cut();
    if (forMs < Number.POSITIVE_INFINITY) {
      this.options.clock.after(forMs, () => this.reconnectLater());
    }
  }

  connect(): void {
    if (this.isAway) return;
    if (this.options.random.once(OTHER_EVENTS_EVERY)) this.chooseEvents();
    const found = this.options.openFrontend();
    if (!found || !this.isAdmitted(found)) {
      this.reconnectLater();
      return;
    }
    const { events } = this;
    const { channels } = this.options;
    const number = found.sockets.connect(this);
    const { datacenter, frontend, process, sockets } = found;
    this.use({ datacenter, frontend, process, sockets, number });
    this.live.begin();
    const request = { channels, events, places: this.ids.resume() };
    frontend.sessions.open(number, request, { id: this.memberId, isAnonymous: false });
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
    this.use(undefined);
    this.reconnectLater();
  }

  /** Breaks the connection; the frontend gets the event now or seconds later. */
  cut(): void {
    const { connection } = this;
    if (!connection) return;
    this.use(undefined);
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
    this.live.leave(channel);
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

  private use(connection: Connection | undefined): void {
    this.connection = connection;
    this.changedAt = this.options.clock.monotonic();
  }

  private chooseEvents(): void {
    this.events = this.options.random.pick(this.options.events);
    this.feeds.ask(this.events);
  }

  private isAdmitted({ frontend }: OpenFrontend): boolean {
    const { channels, violation } = this.options;
    const { events } = this;
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
    const isLeft = (channel: string): boolean => this.ids.hasLeft(channel);
    this.feeds.check(field('event') ?? '', data, { places, isLeft });
    this.live.check(field('event') ?? '', data);
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
}
