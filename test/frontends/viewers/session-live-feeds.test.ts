import { Deliveries } from '../../../frontends/deliveries';
import { EventTypes } from '../../../schemas/event-types';
import { likes } from '../../../schemas/likes';
import type { Feeds, Vector } from '../../../schemas/state';
import { gauges, homes, marks, nods } from '../live-policies';
import { ANN, counted, finish, frontend, type StreamEvent, VIDEO } from '../parts';

const HOME = 'member:bob';

function worker() {
  const parts = frontend(new EventTypes([likes, gauges, marks, nods, homes]));
  const { begin, changed, channels, clock, sockets } = parts;
  const flush = (): void => {
    for (const view of [...changed]) finish(begin(view.channel.name, view));
  };
  const answer = (name: string, feeds: Feeds, is: 'partial' | 'complete' = 'complete'): void => {
    channels.apply(name, feeds, clock.now(), is);
    flush();
  };
  const deliver = (type: string, vector: Vector, name = VIDEO): void => {
    const deliveries = new Deliveries('w1', channels, clock);
    deliveries.receive('w1', [{ channel: name, type, vector, t: clock.now() }]);
    flush();
  };
  const read = new Map<number, number>();
  const newEvents = (viewer: number): readonly StreamEvent[] => {
    const all = sockets.eventsOf(viewer).filter(({ event }) => event !== 'ready');
    const from = read.get(viewer) ?? 0;
    read.set(viewer, all.length);
    return all.slice(from);
  };
  const openAs = (id: string, names = [VIDEO], lastId = '') =>
    parts.open(names, lastId, undefined, { ...ANN, id });
  return { ...parts, answer, deliver, flush, newEvents, openAs };
}

const gauge = (version: number, watching: number): Vector => ({
  'dc1.0': { version, state: { watching } },
});
const LIKED: Feeds = { likes: { 'dc1.1': counted(3) } };
const PLACE = `${VIDEO}/likes=3:dc1.1@30;marks=0:`;
const nodOf = (version: number, ...ids: string[]): Vector =>
  Object.fromEntries(ids.map((id) => [id, { version, state: true }]));
const brief = (events: readonly StreamEvent[]) =>
  events.map(({ data: { channel: _, ...data }, event }) => [event, data]);

describe('a leased feed', () => {
  it('is in the snapshot of a new viewer, and in no event id', () => {
    const { answer, newEvents, open } = worker();
    const { viewer } = open([VIDEO]);
    answer(VIDEO, { ...LIKED, gauges: gauge(4, 7) });
    const [snapshot] = newEvents(viewer);
    expect(snapshot?.data).toMatchObject({ total: 3, watching: 7, nods: [] });
    expect(snapshot?.data.seen).toEqual({ likes: 'dc1.1@30', marks: '' });
    expect(snapshot?.id).toBe(PLACE);
  });

  it('is left out while its state is not known, and sent as an event once it comes', () => {
    const { answer, deliver, newEvents, open } = worker();
    const { viewer } = open([VIDEO]);
    answer(VIDEO, LIKED);
    expect(newEvents(viewer)[0]?.data).not.toHaveProperty('watching');
    deliver('gauges', gauge(1, 5));
    expect(brief(newEvents(viewer))).toEqual([['watching', { watching: 5 }]]);
  });

  it('is sent as an event to a viewer that resumes, even in no place of its id', () => {
    const { answer, newEvents, open } = worker();
    open([VIDEO]);
    answer(VIDEO, { ...LIKED, gauges: gauge(4, 7) });
    const resumed = newEvents(open([VIDEO], PLACE).viewer);
    expect(resumed.map(({ event, id }) => [event, id])).toEqual([['watching', PLACE]]);
    const partly = newEvents(open([VIDEO], `${VIDEO}/likes=3:dc1.1@30`).viewer);
    expect(partly.map(({ event }) => event)).toEqual(['snapshot', 'watching']);
    expect(partly[0]?.data).not.toHaveProperty('watching');
  });

  it('alone makes no first snapshot of a channel that has other feeds', () => {
    const { answer, newEvents, open } = worker();
    const { viewer } = open([VIDEO]);
    answer(VIDEO, { gauges: gauge(4, 7) }, 'partial');
    expect(newEvents(viewer)).toEqual([]);
    answer(VIDEO, LIKED);
    expect(newEvents(viewer).map(({ data }) => [data.total, data.watching])).toEqual([[3, 7]]);
  });

  it('is sent at most once in `newsEveryMs`, with the newest value at the end', async () => {
    const { answer, clock, deliver, flush, newEvents, open } = worker();
    const { viewer } = open([VIDEO]);
    answer(VIDEO, { ...LIKED, gauges: gauge(1, 1) });
    newEvents(viewer);
    for (const n of [2, 3, 4]) deliver('gauges', gauge(n, n));
    expect(brief(newEvents(viewer))).toEqual([['watching', { watching: 2 }]]);
    await clock.advance(gauges.newsEveryMs - 1);
    flush();
    expect(newEvents(viewer)).toEqual([]);
    await clock.advance(1);
    flush();
    expect(brief(newEvents(viewer))).toEqual([['watching', { watching: 4 }]]);
    await clock.advance(gauges.newsEveryMs);
    deliver('gauges', gauge(5, 5));
    expect(brief(newEvents(viewer))).toEqual([['watching', { watching: 5 }]]);
  });

  it('is in the digest at once, though viewers are not sent it yet', () => {
    const { answer, channels, deliver, open } = worker();
    open([VIDEO]);
    answer(VIDEO, { ...LIKED, gauges: gauge(1, 1) });
    deliver('gauges', gauge(2, 2));
    const before = channels.digest();
    deliver('gauges', gauge(3, 3));
    expect(channels.digest()).not.toEqual(before);
  });

  it('is not sent again if a newer state looks the same', () => {
    const { answer, deliver, hasChanged, newEvents, open } = worker();
    const { viewer } = open([VIDEO]);
    answer(VIDEO, { ...LIKED, gauges: gauge(1, 5) });
    newEvents(viewer);
    deliver('gauges', gauge(2, 5));
    expect([newEvents(viewer), hasChanged(VIDEO)]).toEqual([[], false]);
  });
});

describe('a channel with leased feeds only', () => {
  it('has a snapshot for a new viewer, and an event for one that resumes', () => {
    const { answer, newEvents, open } = worker();
    const { viewer } = open([HOME]);
    answer(HOME, { homes: gauge(1, 1) });
    const [snapshot, ...others] = newEvents(viewer);
    expect(snapshot).toEqual({
      ...{ event: 'snapshot', id: `${HOME}/` },
      data: { channel: HOME, watching: 1 },
    });
    expect(others).toEqual([]);
    const resumed = newEvents(open([HOME], `${HOME}/`).viewer);
    expect(brief(resumed)).toEqual([['watching', { watching: 1 }]]);
  });

  it('continues by the id of several channels, too', () => {
    const { answer, newEvents, open } = worker();
    const { viewer } = open([VIDEO, HOME]);
    answer(VIDEO, LIKED);
    answer(HOME, { homes: gauge(1, 1) });
    const id = newEvents(viewer).at(-1)?.id;
    expect(brief(newEvents(open([VIDEO, HOME], id).viewer))).toEqual([
      ['watching', { watching: 1 }],
    ]);
  });

  it('has no snapshot before its state has come: never a made-up value', () => {
    const { answer, deliver, newEvents, open } = worker();
    const { viewer } = open([HOME]);
    answer(HOME, {});
    expect(newEvents(viewer)).toEqual([]);
    deliver('homes', gauge(1, 0), HOME);
    expect(brief(newEvents(viewer))).toEqual([['snapshot', { watching: 0 }]]);
  });
});

describe('moments of members', () => {
  it('are shown to the others of the channel, and end', async () => {
    const { answer, clock, deliver, flush, newEvents, openAs } = worker();
    const [ann, bob] = [openAs('ann'), openAs('bob')];
    answer(VIDEO, LIKED);
    for (const { viewer } of [ann, bob]) newEvents(viewer);
    deliver('nods', nodOf(1, 'ann'));
    expect(brief(newEvents(bob.viewer))).toEqual([['nod', { memberId: 'ann', active: true }]]);
    await clock.advance(1_000);
    deliver('nods', nodOf(2, 'ann'));
    await clock.advance(nods.showMs - 1);
    flush();
    expect(newEvents(bob.viewer)).toEqual([]);
    await clock.advance(1);
    flush();
    expect(brief(newEvents(bob.viewer))).toEqual([['nod', { memberId: 'ann', active: false }]]);
    expect(newEvents(ann.viewer)).toEqual([]);
  });

  it('are in the snapshot of a new viewer, without its own', () => {
    const { answer, deliver, newEvents, openAs } = worker();
    openAs('eve');
    answer(VIDEO, LIKED);
    deliver('nods', nodOf(1, 'ann', 'bob'));
    const shown = ['ann', 'bob', 'eve'].map((id) => newEvents(openAs(id).viewer)[0]?.data.nods);
    expect(shown).toEqual([['bob'], ['ann'], ['ann', 'bob']]);
  });

  it('are sent as events to a viewer that resumes', () => {
    const { answer, deliver, newEvents, openAs } = worker();
    openAs('eve');
    answer(VIDEO, LIKED);
    deliver('nods', nodOf(1, 'ann', 'bob'));
    expect(brief(newEvents(openAs('ann', [VIDEO], PLACE).viewer))).toEqual([
      ['nod', { memberId: 'bob', active: true }],
    ]);
  });

  it('change no digest, and are none of a channel that was released since', async () => {
    const { answer, channels, clock, deliver, hasChanged, openAs } = worker();
    openAs('eve');
    answer(VIDEO, LIKED);
    const before = channels.digest();
    deliver('nods', nodOf(1, 'ann'));
    expect(channels.digest()).toEqual(before);
    channels.remove(VIDEO);
    channels.open(VIDEO);
    await clock.advance(nods.showMs);
    expect(hasChanged(VIDEO)).toBe(false);
    deliver('nods', nodOf(1, 'ann'), 'video:unknown');
  });
});
