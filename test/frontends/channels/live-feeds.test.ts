import fc from 'fast-check';
import '../../fixtures/same-runs';
import type { ChannelView } from '../../../frontends/channels/channel-view';
import type { Flush } from '../../../frontends/channels/flusher';
import type { Session } from '../../../frontends/viewers/session';
import { EventTypes } from '../../../schemas/event-types';
import { likes } from '../../../schemas/likes';
import { parseVectorText } from '../../../schemas/place';
import type { Vector } from '../../../schemas/state';
import { gauges, homes, marks, nods, notes } from '../live-policies';
import { ANN, counted, eventsIn, finish, frontend, type StreamEvent } from '../parts';

const TYPES = new EventTypes([likes, notes, gauges, marks, nods, homes]);
const NAMES = ['video:1', 'video:2', 'member:m1'];
const VIDEOS = NAMES.slice(0, 2);
const CLIENTS = 6;
const MEMBERS = ['m0', 'm1', 'm2'];
const ORIGINS = ['dc1.1', 'dc2.1'];
/** The entries that a whole state has. */
const RING = 14;
/** Longer than each pause and each moment. */
const REST_MS = 12_000;

/** The truth of a channel, and what of it was delivered. */
class Truth {
  readonly offsets = new Map<string, number[]>(ORIGINS.map((origin) => [origin, []]));
  readonly delivered = new Map<string, number>();
  readonly marks = new Map<string, { at: number; value: number }>();
  markVersion = -1;
  watching: number | undefined;
  gaugeVersion = 0;
  total = 0;

  append(origin: string, count: number): void {
    const own = this.offsets.get(origin) ?? [];
    for (let left = count; left > 0; left--) own.push((own.at(-1) ?? -1) + 1 + (left % 2));
  }

  newest(origin: string): number {
    return this.offsets.get(origin)?.at(-1) ?? -1;
  }

  /** Whole states or, of what was not delivered, deltas. */
  notes(isWhole: boolean): Vector {
    const vector: Record<string, { version: number; state: unknown }> = {};
    for (const [origin, all] of this.offsets) {
      const since = this.delivered.get(origin) ?? -1;
      const version = all.at(-1) ?? -1;
      if (version < 0) continue;
      const offsets = isWhole ? all.slice(-RING) : all.filter((offset) => offset > since);
      const cut = all.length > offsets.length ? (all.at(-offsets.length - 1) ?? -1) : -1;
      const floor = offsets.length === 0 ? version : cut;
      vector[origin] = { version, state: { floor, offsets } };
      this.delivered.set(origin, version);
    }
    return vector;
  }

  get cells(): Vector {
    const state = Object.fromEntries(this.marks);
    return this.markVersion < 0 ? {} : { 'dc1.1': { version: this.markVersion, state } };
  }
}

/** What a page knows of a channel. */
class Page {
  readonly positions = new Map<string, number>();
  readonly marks = new Map<string, number>();
  readonly nods = new Set<string>();
  watching: number | undefined;
  total: number | undefined;
}

class Client {
  readonly pages = new Map<string, Page>();
  lastId = '';
  session: Session | undefined;
  private read = 0;
  /** Channels that the client continues, on this stream or with the id of an earlier one. */
  readonly begun = new Set<string>();

  constructor(
    private readonly at: ReturnType<typeof frontend>,
    private readonly truths: ReadonlyMap<string, Truth>,
    readonly memberId: string,
  ) {}

  connect(names: string[], keepsId: boolean): void {
    if (this.session) this.at.sockets.leave(this.session.viewer);
    const id = keepsId ? this.lastId : '';
    this.session = this.at.open(names, id, undefined, { ...ANN, id: this.memberId });
    this.read = 0;
    if (!keepsId) this.begun.clear();
    for (const page of this.pages.values()) page.nods.clear();
  }

  readEvents(): void {
    if (!this.session) return;
    const text = this.at.sockets.sent.get(this.session.viewer) ?? '';
    const events = eventsIn(text.slice(this.read));
    this.read = text.length;
    for (const one of events) {
      if (one.id !== undefined) this.lastId = one.id;
      if (one.event !== 'ready') this.apply(one);
    }
  }

  pageOf(name: string): Page {
    const page = this.pages.get(name) ?? new Page();
    this.pages.set(name, page);
    return page;
  }

  private apply({ data, event }: StreamEvent): void {
    const name = String(data.channel);
    const page = this.pageOf(name);
    if (event === 'snapshot') this.applySnapshot(name, page, data);
    if (event === 'likes') {
      expect((page.total ?? Number.NaN) + Number(data.new)).toBe(data.total);
      page.total = Number(data.total);
    }
    if (event === 'watching') page.watching = Number(data.watching);
    if (event === 'mark') page.marks.set(this.other(data), Number(data.value));
    if (event === 'nod') {
      const isNew = data.active === true;
      const memberId = this.other(data);
      if (isNew) page.nods.add(memberId);
      else page.nods.delete(memberId);
    }
    if (event === 'note') this.applyNote(name, page, String(data.note));
    if (event === 'gap') this.applyGap(page, data);
  }

  /** The member of an event, who is never the client's own. */
  private other({ memberId }: StreamEvent['data']): string {
    expect(memberId).not.toBe(this.memberId);
    return String(memberId);
  }

  private applySnapshot(name: string, page: Page, data: StreamEvent['data']): void {
    const isOfLog = 'total' in data || 'notes' in data || 'marks' in data;
    // Leased feeds alone are a snapshot only for those who have seen nothing.
    expect(isOfLog || !this.begun.has(name)).toBe(true);
    this.begun.add(name);
    if ('total' in data) page.total = Number(data.total);
    if ('watching' in data) page.watching = Number(data.watching);
    if ('nods' in data) {
      page.nods.clear();
      for (const id of Object(data.nods)) page.nods.add(this.other({ memberId: id }));
    }
    if ('marks' in data) {
      page.marks.clear();
      for (const [id, value] of Object.entries(Object(data.marks))) {
        page.marks.set(id, Number(value));
      }
    }
    if (!('notes' in data)) return;
    page.positions.clear();
    for (const [origin, version] of vectorIn(Object(data.seen).notes)) {
      page.positions.set(origin, version);
    }
  }

  /** Each entry comes once, in the order of its origin, and none is left out. */
  private applyNote(name: string, page: Page, note: string): void {
    for (const [origin, offset] of vectorIn(note)) {
      const all = this.truths.get(name)?.offsets.get(origin) ?? [];
      const before = page.positions.get(origin) ?? -1;
      expect(all.find((one) => one > before)).toBe(offset);
      page.positions.set(origin, offset);
    }
  }

  /** A gap begins where the page stands. */
  private applyGap(page: Page, { after, upTo }: StreamEvent['data']): void {
    const from = signedVectorIn(after);
    for (const [origin, offset] of signedVectorIn(upTo)) {
      expect(page.positions.get(origin) ?? -1).toBe(from.get(origin) ?? -1);
      page.positions.set(origin, offset);
    }
  }
}

function vectorIn(text: unknown): ReadonlyMap<string, number> {
  return parseVectorText(String(text)) ?? new Map();
}

/** The same of a text that may have offsets of -1. */
function signedVectorIn(text: unknown): ReadonlyMap<string, number> {
  const parts = String(text).split(',').filter(Boolean);
  return new Map(parts.map((part) => [part.split('@')[0] ?? '', Number(part.split('@')[1])]));
}

const channel = fc.nat({ max: NAMES.length - 1 });
const video = fc.nat({ max: VIDEOS.length - 1 });
const client = fc.nat({ max: CLIENTS - 1 });
const member = fc.constantFrom(...MEMBERS);
const origin = fc.constantFrom(...ORIGINS);
const named = <T extends string>(name: T) => fc.constant(name);
const step = fc.oneof(
  fc.record({
    ...{ do: named('note'), video, origin, count: fc.integer({ min: 1, max: 18 }) },
    how: fc.constantFrom('delta', 'whole', 'lost'),
  }),
  fc.record({ do: named('mark'), video, member }),
  fc.record({ do: named('nod'), video, member }),
  fc.record({ do: named('gauge'), channel, watching: fc.nat({ max: 3 }) }),
  fc.record({ do: named('like'), video }),
  fc.record({ do: named('advance'), ms: fc.nat({ max: 2_500 }) }),
  fc.record({ do: named('flush'), channel }),
  fc.record({ do: named('begin'), channel }),
  fc.record({ do: named('slice') }),
  fc.record({
    ...{ do: named('connect'), client, keepsId: fc.boolean() },
    names: fc.subarray(NAMES, { minLength: 1 }),
  }),
  fc.record({ do: named('join'), client, channel }),
  fc.record({ do: named('leave'), client, channel }),
  fc.record({ do: named('full'), client }),
  fc.record({ do: named('drain'), client }),
);
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** Six clients of three members, two videos and a channel that has leased feeds only. */
class Story {
  readonly at = frontend(TYPES);
  private readonly truths = new Map(NAMES.map((name) => [name, new Truth()]));
  readonly clients = Array.from(
    { length: CLIENTS },
    (_, index) => new Client(this.at, this.truths, MEMBERS[index % MEMBERS.length] ?? ''),
  );
  private readonly open = new Map<ChannelView, Flush>();
  private moment = 0;

  async take(step: Step): Promise<void> {
    if (step.do === 'advance') await this.at.clock.advance(step.ms);
    else if (step.do === 'slice') this.slice();
    else if ('client' in step) this.act(step);
    else if ('video' in step) this.change(VIDEOS[step.video] ?? '', step);
    else if (step.do === 'gauge') this.gauge(NAMES[step.channel] ?? '', step.watching);
    else this.flush(NAMES[step.channel] ?? '', step.do === 'begin');
    for (const one of this.clients) one.readEvents();
  }

  /** Delivers and flushes everything, twice: moments are shown first, and have ended then. */
  async end(): Promise<void> {
    for (const { session } of this.clients) if (session) this.at.sockets.drain(session.viewer);
    for (const name of NAMES) this.answer(name);
    await this.rest(1_500);
    for (const one of this.clients) this.compare(one, false);
    await this.rest(REST_MS);
    for (const one of this.clients) this.compare(one, true);
  }

  private async rest(ms: number): Promise<void> {
    for (const name of NAMES) this.flush(name, false);
    await this.at.clock.advance(ms);
    for (const row of [...this.at.fanOut.waiting]) this.at.fanOut.sendLatest(row);
    for (const name of NAMES) this.flush(name, false);
    for (const one of this.clients) one.readEvents();
  }

  private compare(one: Client, isAtRest: boolean): void {
    for (const { view } of one.session?.rows ?? []) {
      const { name } = view.channel;
      const truth = this.truths.get(name) ?? new Truth();
      const page = one.pageOf(name);
      expect(page.watching).toBe(truth.watching);
      if (!VIDEOS.includes(name)) continue;
      expect(page.total).toBe(truth.total);
      for (const origin of ORIGINS) {
        expect(page.positions.get(origin) ?? -1).toBe(truth.newest(origin));
      }
      const others = [...truth.marks].filter(([id]) => id !== one.memberId);
      for (const [id, { value }] of others) expect(page.marks.get(id)).toBe(value);
      const shown = this.at.channels.get(name)?.momentsOf('nods').vector ?? {};
      const nodding = Object.keys(shown).filter((id) => id !== one.memberId);
      expect([...page.nods].sort()).toEqual(isAtRest ? [] : nodding.sort());
    }
  }

  private change(name: string, step: Extract<Step, { video: number }>): void {
    const truth = this.truths.get(name) ?? new Truth();
    if (step.do === 'note') {
      truth.append(step.origin, step.count);
      if (step.how === 'lost') return;
      this.at.deliver(name, truth.notes(step.how === 'whole'), 1, 'notes');
    } else if (step.do === 'mark') {
      truth.markVersion += 2;
      truth.marks.set(step.member, { at: truth.markVersion, value: truth.markVersion });
      this.at.deliver(name, truth.cells, 1, 'marks');
    } else if (step.do === 'nod') {
      this.moment += 1;
      const moments = { [step.member]: { version: this.moment, state: true } };
      this.at.channels.applyMoments(name, nods, moments, 1);
    } else {
      truth.total += 1;
      this.at.deliver(name, { 'dc1.1': counted(truth.total) }, 1);
    }
  }

  private gauge(name: string, watching: number): void {
    const truth = this.truths.get(name) ?? new Truth();
    truth.watching = watching;
    truth.gaugeVersion += 1;
    this.at.deliver(name, this.gaugeOf(truth), 1, this.gaugeType(name));
  }

  private gaugeOf({ gaugeVersion: version, watching = 0 }: Truth): Vector {
    return { 'dc1.0': { version, state: { watching } } };
  }

  private gaugeType(name: string): string {
    return VIDEOS.includes(name) ? 'gauges' : 'homes';
  }

  /** A dispatcher's answer has all states; of a leased type there is one by then. */
  private answer(name: string): void {
    const truth = this.truths.get(name) ?? new Truth();
    if (truth.watching === undefined) {
      truth.watching = 0;
      truth.gaugeVersion += 1;
    }
    const gauge = { [this.gaugeType(name)]: this.gaugeOf(truth) };
    const ofVideo = {
      ...(truth.total > 0 && { likes: { 'dc1.1': counted(truth.total) } }),
      ...{ notes: truth.notes(true), marks: truth.cells },
    };
    const feeds = { ...gauge, ...(VIDEOS.includes(name) && ofVideo) };
    this.at.channels.apply(name, feeds, 1, 'complete');
  }

  private act(step: Extract<Step, { client: number }>): void {
    const one = this.clients[step.client];
    if (step.do === 'connect') one?.connect(step.names, step.keepsId);
    const session = one?.session;
    if (!session) return;
    const name = 'channel' in step ? (NAMES[step.channel] ?? '') : '';
    if (step.do === 'join') this.at.sessions.join(session, name);
    if (step.do === 'leave') {
      this.at.sessions.leave(session, name);
      one.begun.delete(name);
    }
    if (step.do === 'full') this.at.sockets.full.add(session.viewer);
    if (step.do === 'drain') this.at.sockets.drain(session.viewer);
    // Some channels are answered at once, others only when the story ends.
    for (const { view } of session.rows) {
      if (view.channel.name !== 'video:2' && step.do === 'connect') this.answer(view.channel.name);
    }
  }

  private viewsOf(name: string): readonly ChannelView[] {
    return [...this.at.changed].filter((view) => view.channel.name === name);
  }

  private flush(name: string, isSlow: boolean): void {
    for (const [view, running] of isSlow ? [] : this.open) {
      if (view.channel.name !== name) continue;
      finish(running);
      this.open.delete(view);
    }
    for (const view of this.viewsOf(name)) {
      if (this.open.has(view)) continue;
      const flush = this.at.begin(name, view);
      if (!isSlow) finish(flush);
      else if (!flush(0)) this.open.set(view, flush);
    }
  }

  /** Sends to one viewer; the others wait until after the next steps. */
  private slice(): void {
    for (const [view, flush] of this.open) if (flush(0)) this.open.delete(view);
  }
}

describe('viewers of feeds of all kinds, after any steps', () => {
  it('have each entry once or behind a gap, the newest values, and nothing of their own', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 80, size: 'max' }), async (all) => {
        const story = new Story();
        for (const one of all) await story.take(one);
        await story.end();
      }),
      { numRuns: 300 },
    );
  });
});
