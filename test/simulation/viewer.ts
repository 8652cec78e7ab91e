import { z } from 'zod';
import type { Viewer } from '../../adapters/viewer-sockets';
import type { Frontend } from '../../frontends/frontend';
import { decodePlaces } from '../../schemas/place';
import { type Counts, counter } from '../../schemas/policies/counter';
import type { Seeded } from './seeded';
import type { VirtualClock } from './virtual-clock';

const MAX_RECONNECT_MS = 1_500;
const MAX_UNNOTICED_MS = 4_000;

const event = z.object({
  channel: z.string().optional(),
  total: z.int().optional(),
  reactions: z.record(z.string(), z.int()).optional(),
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
  readonly frontend: Frontend;
  readonly sockets: Connections;
}

export interface ViewerOptions {
  readonly name: string;
  readonly channels: readonly string[];
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

/** A viewer that checks every event. */
export class SimulatedViewer {
  /** The counts of the last event, by channel. */
  readonly totals = new Map<string, number>();
  readonly reactions = new Map<string, Counts>();
  isSlow = false;
  private connection: { sockets: Connections; number: Viewer } | undefined;
  private lastEventId = '';

  constructor(private readonly parts: ViewerOptions) {}

  connect(): void {
    const found = this.parts.openFrontend();
    if (!found) {
      this.reconnectLater();
      return;
    }
    const { channels } = this.parts;
    const number = found.sockets.connect(this);
    this.connection = { sockets: found.sockets, number };
    const places = this.lastEventId === '' ? undefined : decodePlaces(this.lastEventId);
    if (this.lastEventId !== '' && !places) this.parts.violation('an id that cannot be read');
    found.frontend.sessions.open(number, { channels, places });
  }

  receive(sockets: Connections, number: Viewer, frame: string): void {
    if (!this.isConnected(sockets, number)) return;
    const lines = frame.split('\n');
    const field = (name: string) =>
      lines.find((line) => line.startsWith(`${name}: `))?.slice(name.length + 2);
    this.parts.trace(`${this.parts.name} ${frame}`);
    const data = field('data');
    if (data !== undefined) this.check(field('event') ?? '', event.parse(JSON.parse(data)));
    this.lastEventId = field('id') ?? this.lastEventId;
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
    const unnoticed = this.parts.random.once(2) ? this.parts.random.below(MAX_UNNOTICED_MS) : 0;
    this.parts.clock.after(unnoticed, () => connection.sockets.cut(connection.number));
    this.reconnectLater();
  }

  setSlow(isSlow: boolean): void {
    this.isSlow = isSlow;
    if (!isSlow) this.connection?.sockets.drain(this.connection.number);
  }

  // The frontend may still send frames on a connection that is cut.
  private isConnected(sockets: Connections, number: Viewer): boolean {
    return this.connection?.sockets === sockets && this.connection.number === number;
  }

  private reconnectLater(): void {
    const wait = this.parts.random.below(MAX_RECONNECT_MS);
    this.parts.clock.after(wait, () => {
      if (!this.connection) this.connect();
    });
  }

  private check(name: string, data: z.infer<typeof event>): void {
    const { channel, total, reactions = {}, new: news } = data;
    if (channel === undefined || total === undefined) return;
    const before = this.totals.get(channel);
    this.totals.set(channel, total);
    this.reactions.set(channel, reactions);
    if (counter.total(reactions) !== total) {
      this.parts.violation(`${channel}: ${JSON.stringify(reactions)} do not add up to ${total}`);
    }
    if (name === 'snapshot') return;
    if (before === undefined) this.parts.violation(`likes of ${channel} before its snapshot`);
    else if (before + (news ?? Number.NaN) !== total) {
      this.parts.violation(`${channel}: ${before} + ${news} is not ${total}`);
    } else if (total < before && !this.parts.maySeeDoubles)
      this.parts.violation(`${channel} steps back to ${total}`);
  }
}
