import fc from 'fast-check';
import '../../fixtures/same-runs';
import type { ChannelView } from '../../../frontends/channels/channel-view';
import type { Flush } from '../../../frontends/channels/flusher';
import { EventTypes } from '../../../schemas/event-types';
import { likes } from '../../../schemas/likes';
import type { Vector } from '../../../schemas/state';
import { gauges, homes, marks, nods, notes } from '../live-policies';
import { counted, finish, frontend } from '../parts';
import { Client, ORIGINS, Truth } from './live-client';

const TYPES = new EventTypes([likes, notes, gauges, marks, nods, homes]);
const NAMES = ['video:1', 'video:2', 'member:m1'];
const VIDEOS = NAMES.slice(0, 2);
const CLIENTS = 6;
const MEMBERS = ['m0', 'm1', 'm2'];
/** Longer than each quiet time and each moment. */
const REST_MS = 12_000;

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
  it('have each entry once or behind a gap, the newest values, none of their own', async () => {
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
