import fc from 'fast-check';
import '../../fixtures/same-runs';
import { WAIT_MS } from '../../../frontends/channels/fan-out';
import type { Flush } from '../../../frontends/channels/flusher';
import type { Session } from '../../../frontends/viewers/session';
import { counting, finish, frontend, type StreamEvent } from '../parts';

const NAMES = ['video:1', 'video:2'];
const CLIENTS = 6;
const MOST_SKIPPED = 10_000;

/** What a client keeps of a stream: its totals by channel and its last event id. */
class Client {
  readonly totals = new Map<string, number>();
  readonly reactions = new Map<string, unknown>();
  lastId = '';
  session: Session | undefined;
  private read = 0;
  /** Channels with an event on this stream; in a first event, `t` may be that of a later like. */
  private readonly updated = new Set<string>();

  constructor(
    private readonly at: ReturnType<typeof frontend>,
    /** The time of each like of a channel, in order; undefined if some are cancelled. */
    private readonly accepted: ReadonlyMap<string, readonly number[]> | undefined,
  ) {}

  connect(names: string[]): void {
    if (this.session) this.at.sockets.leave(this.session.viewer);
    this.session = this.at.open(names, this.lastId);
    this.read = 0;
    this.updated.clear();
  }

  /** Reads new events; throws if `new` does not add up, or if `t` is that of a later like. */
  readEvents(): void {
    if (!this.session) return;
    for (const { event, data, id } of this.at.sockets
      .eventsOf(this.session.viewer)
      .slice(this.read)) {
      this.read += 1;
      if (id !== undefined) this.lastId = id;
      const [channel, total] = [String(data.channel), Number(data.total)];
      if (event === 'likes') this.expectNews(channel, total, data);
      if (event !== 'likes' && event !== 'snapshot') continue;
      this.totals.set(channel, total);
      this.reactions.set(channel, data.reactions);
      this.updated.add(channel);
    }
  }

  private expectNews(channel: string, total: number, data: StreamEvent['data']): void {
    const before = this.totals.get(channel) ?? Number.NaN;
    expect(before + Number(data.new)).toBe(total);
    if (!this.accepted) return;
    const oldest = this.accepted.get(channel)?.[before] ?? Number.NaN;
    if (this.updated.has(channel)) expect(Number(data.t)).toBeLessThanOrEqual(oldest);
  }
}

const channel = fc.nat({ max: NAMES.length - 1 });
const client = fc.nat({ max: CLIENTS - 1 });
const step = fc.oneof(
  fc.record({ do: fc.constant('like' as const), channel, likes: fc.integer({ min: 1, max: 5 }) }),
  fc.record({
    do: fc.constant('swap' as const),
    channel,
    reaction: fc.constantFrom('a', 'b', 'c'),
  }),
  fc.record({ do: fc.constant('skip' as const), channel }),
  fc.record({ do: fc.constant('flush' as const), channel }),
  fc.record({ do: fc.constant('begin' as const), channel }),
  fc.record({ do: fc.constant('slice' as const), channel }),
  fc.record({
    do: fc.constant('connect' as const),
    client,
    names: fc.subarray(NAMES, { minLength: 1 }),
  }),
  fc.record({ do: fc.constant('join' as const), client, channel }),
  fc.record({ do: fc.constant('leave' as const), client, channel }),
  fc.record({ do: fc.constant('full' as const), client }),
  fc.record({ do: fc.constant('drain' as const), client }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Six clients and two channels of one worker; a flush may be in progress during other steps. */
class Story {
  readonly at = frontend();
  private readonly accepted = new Map(NAMES.map((name) => [name, [] as number[]]));
  readonly clients: readonly Client[];
  /** The counts of another datacenter's log, by channel; it often cancels one of its likes. */
  private readonly others = new Map<string, { version: number; reaction?: string }>();
  /** How many copies of likes each channel's log has. */
  private readonly skipped = new Map<string, number>();
  private time = 0;
  private readonly open = new Map<string, Flush>();

  /** `hasPeer`: whether another datacenter counts and cancels likes. */
  constructor(private readonly hasPeer: boolean) {
    const accepted = hasPeer ? undefined : this.accepted;
    this.clients = Array.from({ length: CLIENTS }, () => new Client(this.at, accepted));
  }

  take(step: Step): void {
    if (step.do === 'swap') this.swap(NAMES[step.channel] ?? '', step.reaction);
    else if (step.do === 'like') this.like(NAMES[step.channel] ?? '', step.likes);
    else if (step.do === 'skip') this.skip(NAMES[step.channel] ?? '');
    else if (step.do === 'flush') this.flush(NAMES[step.channel] ?? '');
    else if (step.do === 'begin') this.begin(NAMES[step.channel] ?? '');
    else if (step.do === 'slice') this.slice(NAMES[step.channel] ?? '');
    else this.act(step);
    for (const one of this.clients) one.readEvents();
  }

  /** Delivers and flushes everything; then each viewer has the totals of its channels. */
  async end(): Promise<void> {
    for (const { session } of this.clients) if (session) this.at.sockets.drain(session.viewer);
    for (const name of NAMES) {
      if (this.at.channels.get(name)?.views[0]?.sent === undefined) this.like(name, 1);
      this.deliver(name);
      this.flush(name);
    }
    await this.at.clock.advance(WAIT_MS);
    for (const row of [...this.at.fanOut.waiting]) this.at.fanOut.sendLatest(row);
    for (const one of this.clients) {
      one.readEvents();
      for (const { view } of one.session?.rows ?? []) {
        const { channel } = view;
        const { total, reactions } = this.truthOf(channel.name);
        expect(one.totals.get(channel.name)).toBe(total);
        expect(one.reactions.get(channel.name)).toEqual(reactions);
      }
    }
  }

  private act(step: Extract<Step, { client: number }>): void {
    const one = this.clients[step.client];
    const session = one?.session;
    if (step.do === 'connect') one?.connect(step.names);
    if (!session) return;
    const viewer = session.viewer;
    if (step.do === 'join') this.at.sessions.join(session, NAMES[step.channel] ?? '');
    if (step.do === 'leave') this.at.sessions.leave(session, NAMES[step.channel] ?? '');
    if (step.do === 'full') this.at.sockets.full.add(viewer);
    if (step.do === 'drain') this.at.sockets.drain(viewer);
  }

  private like(name: string, likes: number): void {
    const accepted = this.accepted.get(name) ?? [];
    this.time += 1;
    for (let left = likes; left > 0; left--) accepted.push(this.time);
    this.deliver(name);
  }

  /** The newest state of each datacenter, as a dispatcher delivers it. */
  private deliver(name: string): void {
    const total = this.accepted.get(name)?.length ?? 0;
    const version = total * MOST_SKIPPED + (this.skipped.get(name) ?? 0);
    const { reaction, version: theirs } = this.others.get(name) ?? {};
    const vector = {
      ...(total > 0 && { 'dc1.1': counting(version, { like: total }) }),
      ...(theirs && {
        'dc2.1': counting(theirs, { a: 0, b: 0, c: 0, [reaction ?? 'a']: 1 }),
      }),
    };
    this.at.apply(name, vector, this.time);
  }

  /** The log has a copy of a like: its version advances, and the counts stay. */
  private skip(name: string): void {
    this.skipped.set(name, Math.min((this.skipped.get(name) ?? 0) + 1, MOST_SKIPPED - 1));
    this.deliver(name);
  }

  /** The peer cancels its like, and counts one with another reaction. */
  private swap(name: string, reaction: string): void {
    if (!this.hasPeer) return;
    if (this.accepted.get(name)?.length === 0) this.like(name, 1);
    const version = (this.others.get(name)?.version ?? 0) + 2;
    this.others.set(name, { version, reaction });
    this.time += 1;
    this.deliver(name);
  }

  private truthOf(name: string) {
    const likes = this.accepted.get(name)?.length ?? 0;
    const { reaction } = this.others.get(name) ?? {};
    const ours = likes > 0 && { like: likes };
    const theirs = reaction !== undefined && { [reaction]: 1 };
    return { total: likes + (theirs ? 1 : 0), reactions: { ...ours, ...theirs } };
  }

  private begin(name: string): void {
    if (this.open.has(name) || !this.at.hasChanged(name)) return;
    const flush = this.at.begin(name);
    if (!flush(0)) this.open.set(name, flush);
  }

  /** Sends to one viewer; the others wait until after the next steps. */
  private slice(name: string): void {
    if (this.open.get(name)?.(0)) this.open.delete(name);
  }

  private flush(name: string): void {
    const running = this.open.get(name);
    if (running) finish(running);
    this.open.delete(name);
    if (this.at.hasChanged(name)) finish(this.at.begin(name));
  }
}

describe('the events of a viewer, after any steps', () => {
  it.each([
    ['with one datacenter', false],
    ['with two datacenters, one of which cancels likes', true],
  ])(
    'add up: the previous `total` plus `new` is `total`, and all counts are right at the end: %s',
    async (_, hasPeer) => {
      await fc.assert(
        fc.asyncProperty(fc.array(step, { maxLength: 100, size: 'max' }), async (all) => {
          const story = new Story(hasPeer);
          for (const one of all) story.take(one);
          await story.end();
        }),
        { numRuns: 1_000 },
      );
    },
  );
});
