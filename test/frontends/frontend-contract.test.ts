import fc from 'fast-check';
import '../fixtures/same-runs';
import { WAIT_MS } from '../../frontends/channels/fan-out';
import { MAX_FRAME_BYTES } from '../../frontends/channels/parts';
import { Frontend } from '../../frontends/frontend';
import type { Session } from '../../frontends/viewers/session';
import { EventTypes } from '../../schemas/event-types';
import type { Frame } from '../../schemas/frame';
import { likes } from '../../schemas/likes';
import { decodeAllPlaces } from '../../schemas/place';
import { Seeded } from '../simulation/seeded';
import { VirtualClock } from '../simulation/virtual-clock';
import { ContractClient } from './contract-client';
import { CHANNELS, Logs, ORIGINS, TYPES } from './contract-logs';
import { CLIENTS, FRONTENDS, type Step, type StepOf, step } from './contract-steps';
import { FakeSockets } from './parts';
import { appending, entries, votes } from './policies';

/** The size of an entry's event: two fit into a frame, and a third one does not. */
const ENTRY_BYTES = 12_000;

const EVENT_TYPES = new EventTypes([likes, votes, { ...entries, policy: appending(ENTRY_BYTES) }]);

/** Sockets that verify the bound of each frame, and become full after some frames. */
class BoundedSockets extends FakeSockets {
  /** By viewer, the number of frames after which it is full. */
  readonly room = new Map<number, number>();

  override send(viewers: Int32Array, frame: Frame) {
    const blocks = frame.plain.toString().split('\n\n').length - 1;
    if (blocks > 1) expect(frame.plain.length).toBeLessThanOrEqual(MAX_FRAME_BYTES);
    const full = super.send(viewers, frame);
    for (const viewer of viewers) {
      const left = (this.room.get(viewer) ?? Number.POSITIVE_INFINITY) - 1;
      if (left === 0) this.full.add(viewer);
      this.room.set(viewer, left);
    }
    return full;
  }
}

/** A client, and its stream if it has one. */
class Watcher {
  readonly state: ContractClient;
  stream: { readonly front: number; readonly session: Session } | undefined;
  /** The number of events read from the stream. */
  private events = 0;

  constructor(private readonly story: Story) {
    this.state = new ContractClient(story.logs);
  }

  connect({ channels, events, front, hasAllIds }: StepOf<'connect'>): void {
    this.cut();
    const { frontend, viewer } = this.story.nextViewer(front);
    const others = hasAllIds ? [...this.state.idOf.values()] : [];
    const places = decodeAllPlaces([this.state.lastId, ...others]);
    frontend.sessions.admit({ channels, events });
    this.stream = {
      front,
      session: frontend.sessions.open(
        viewer,
        { channels, events, places },
        { id: 'ann', isAnonymous: false },
      ),
    };
    this.events = 0;
  }

  /** Ends the connection; what the client has not read is lost. */
  cut(): void {
    if (this.stream) this.story.socketsOf(this.stream.front).leave(this.stream.session.viewer);
    this.stream = undefined;
  }

  /** Reads at most so many blocks. */
  read(most = Number.POSITIVE_INFINITY): void {
    if (!this.stream) return;
    const { front, session } = this.stream;
    const all = this.story.socketsOf(front).eventsOf(session.viewer);
    for (const event of all.slice(this.events, this.events + most)) {
      this.events += 1;
      this.state.take(event);
    }
    // A stream that is full when it is closed ends without `bye`.
    const isClosed = this.story.socketsOf(front).closed.has(session.viewer);
    if (isClosed && this.events === all.length) this.stream = undefined;
  }

  act(step: StepOf<'join' | 'leave' | 'full' | 'drain'>): void {
    if (!this.stream) return;
    const { front, session } = this.stream;
    const { sessions } = this.story.frontend(front);
    const sockets = this.story.socketsOf(front);
    if (step.do === 'full' && step.after === 0) sockets.full.add(session.viewer);
    else if (step.do === 'full') sockets.room.set(session.viewer, step.after);
    if (step.do === 'drain') sockets.drain(session.viewer);
    // The client reads all events of a channel that it leaves, and knows its place then.
    this.read();
    if (step.do === 'leave') sessions.leave(session, step.channel);
    if (step.do !== 'join' || !sessions.find(session.id)) return;
    const id = step.hasId ? this.state.idOf.get(step.channel) : undefined;
    const { channel, events } = step;
    sessions.join(session, channel, { events, ...(id && { places: decodeAllPlaces([id]) }) });
  }
}

/** Two frontends, the logs of two datacenters, and clients that change between the frontends. */
class Story {
  readonly logs = new Logs();
  private readonly clock = new VirtualClock();
  private readonly watchers = Array.from({ length: CLIENTS }, () => new Watcher(this));
  private readonly fronts = Array.from({ length: FRONTENDS }, (_, at) => this.open(at));
  private viewers = 0;
  /** Answers of dispatchers lack so many records. */
  private lag = 0;

  /** Starts the frontends, and connects each client. */
  async start(): Promise<void> {
    for (const { frontend } of this.fronts) await frontend.start();
    for (const [at, watcher] of this.watchers.entries()) {
      const channels = at % 2 === 0 ? CHANNELS : CHANNELS.slice(0, 1);
      const rest = { do: 'connect', events: undefined, hasAllIds: false } as const;
      watcher.connect({ ...rest, channels, client: at, front: at % FRONTENDS });
    }
  }

  frontend(at: number): Frontend {
    return this.front(at).frontend;
  }

  socketsOf(at: number): BoundedSockets {
    return this.front(at).sockets;
  }

  nextViewer(at: number) {
    this.viewers += 1;
    return { frontend: this.frontend(at), viewer: this.viewers };
  }

  async take(step: Step): Promise<void> {
    if (step.do === 'append') this.append(step);
    else if (step.do === 'deliver') this.deliver(step);
    else if (step.do === 'advance') await this.clock.advance(step.ms);
    else if (step.do === 'lag') this.lag = step.age;
    else if (step.do === 'connect') this.watchers[step.client]?.connect(step);
    else if (step.do === 'read') this.watchers[step.client]?.read(step.most);
    else this.watchers[step.client]?.act(step);
  }

  /** Delivers the newest states; then each client knows them. Resolves with the events read. */
  async end(): Promise<number> {
    this.lag = 0;
    for (const front of this.fronts.keys()) {
      for (const channel of CHANNELS) {
        for (const type of TYPES) {
          for (const origin of ORIGINS) this.deliver({ front, channel, type, origin, age: 0 });
        }
      }
    }
    for (const { stream } of this.watchers) {
      if (stream) this.socketsOf(stream.front).drain(stream.session.viewer);
    }
    await this.clock.advance(WAIT_MS + 2_000);
    for (const watcher of this.watchers) this.expectNewest(watcher);
    for (const { frontend } of this.fronts) await frontend.stop(0);
    return this.watchers.reduce((sum, { state }) => sum + state.read, 0);
  }

  private expectNewest(watcher: Watcher): void {
    watcher.read();
    for (const { view } of watcher.stream?.session.rows ?? []) {
      const { name } = view.channel;
      for (const { name: type } of view.types) {
        const newest = this.logs.newest(name, type);
        if (type === 'entries') {
          const shown = [...(watcher.state.entries.get(name) ?? [])].sort();
          expect([name, shown]).toEqual([name, this.logs.entries(name, newest)]);
        } else {
          const known = watcher.state.counters.get(`${name}/${type}`);
          expect([name, type, known]).toEqual([name, type, this.logs.counts(name, type, newest)]);
        }
      }
    }
  }

  private append(step: StepOf<'append'>): void {
    const { channel, deliversTo, key, kind, origin, times, type } = step;
    for (let left = times; left > 0; left--) this.logs.append(channel, type, origin, key, kind);
    for (const front of deliversTo) this.deliver({ front, channel, type, origin, age: 0 });
  }

  private deliver(step: Omit<StepOf<'deliver'>, 'do'>): void {
    const state = this.logs.stateOf(step.channel, step.type, step.origin, step.age);
    if (!state) return;
    const { channel, front, origin, type } = step;
    const update = { channel, type, vector: { [origin]: state }, t: this.clock.now() };
    this.frontend(front).deliveries.receive(`worker-${front}`, [update]);
  }

  private front(at: number) {
    const front = this.fronts[at];
    if (!front) throw new Error(`no frontend ${at}`);
    return front;
  }

  private open(at: number) {
    const sockets = new BoundedSockets();
    const frontend = new Frontend({
      worker: { id: `worker-${at}`, url: '' },
      ...{ types: EVENT_TYPES, sockets, clock: this.clock, entropy: new Seeded(at).entropy },
      subscriptions: {
        renew: async () => ({ unequal: [] }),
        change: async ({ join }) => ({
          states: join.map((name) => ({ channel: name, feeds: this.logs.feedsOf(name, this.lag) })),
        }),
      },
      maxViewers: 1_000,
      failed: (doing, error) => {
        throw new Error(doing, { cause: error });
      },
    });
    return { frontend, sockets };
  }
}

describe('the events of clients, after any steps', () => {
  it('add up, are each sent once, and end at the newest states of all feeds', async () => {
    let read = 0;
    const steps = fc.array(step, { maxLength: 120, size: 'max' });
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const story = new Story();
        await story.start();
        for (const one of all) await story.take(one);
        read += await story.end();
      }),
      { numRuns: 300 },
    );
    expect(read).toBeGreaterThan(3_000);
  });
});
