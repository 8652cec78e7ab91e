import type { EventType } from '../../../schemas/event-type';
import { EventTypes } from '../../../schemas/event-types';
import { likes } from '../../../schemas/likes';
import type { Vector } from '../../../schemas/state';
import { marks, nods } from '../live-policies';
import { ANN, counted, finish, frontend, type StreamEvent, VIDEO } from '../parts';
import { largeEntries } from '../policies';

/** A hundred viewers of `many`, and two of each of ann and bob, all in one cohort. */
function crowd(types: readonly EventType[] = [likes, marks, nods]) {
  const parts = frontend(new EventTypes(types));
  const { begin, changed, channels, sockets } = parts;
  const openAs = (id: string, names = [VIDEO], lastId = '') =>
    parts.open(names, lastId, undefined, { ...ANN, id });
  const many = Array.from({ length: 100 }, (_, at) => openAs(`many-${at}`));
  const [ann, ann2, bob] = [openAs('ann'), openAs('ann'), openAs('bob')];
  const flush = (): void => {
    for (const view of [...changed]) finish(begin(view.channel.name, view));
  };
  channels.apply(VIDEO, { likes: { 'dc1.1': counted(1) } }, 0, 'complete');
  flush();
  const read = new Map<number, number>();
  const newEvents = (viewer: number): readonly StreamEvent[] => {
    const all = sockets.eventsOf(viewer).filter(({ event }) => event !== 'ready');
    const from = read.get(viewer) ?? 0;
    read.set(viewer, all.length);
    return all.slice(from);
  };
  for (const { viewer } of [...many, ann, ann2, bob]) newEvents(viewer);
  return { ...parts, ann, ann2, bob, flush, many, newEvents, openAs };
}

/** The newest mark of each member, in order. */
function marked(...members: string[]): Vector {
  const cells = members.map((id, at) => [id, { at: 10 + at, value: at }] as const);
  const version = 9 + members.length;
  return { 'dc1.1': { version, state: Object.fromEntries(cells) } };
}

const names = (events: readonly StreamEvent[]) =>
  events.map(({ data, event }) => data.memberId ?? event);

describe('an event that leaves out a member', () => {
  it('is sent to all but the streams of the member, whose place moves on', () => {
    const { ann, ann2, bob, deliver, flush, many, newEvents, sockets } = crowd();
    deliver(VIDEO, { 'dc1.1': counted(2) }, 0);
    deliver(VIDEO, marked('ann', 'bob'), 0, 'marks');
    const calls = sockets.calls;
    flush();
    for (const { viewer } of many) {
      expect(names(newEvents(viewer))).toEqual(['likes', 'ann', 'bob']);
    }
    for (const { viewer } of [ann, ann2]) {
      const events = newEvents(viewer);
      expect(names(events)).toEqual(['likes', 'bob']);
      expect(events.at(-1)?.id).toBe(`${VIDEO}/likes=2:dc1.1@20;marks=0:dc1.1@11`);
    }
    expect(names(newEvents(bob.viewer))).toEqual(['likes', 'ann']);
    // One frame for the cohort, and one for each row that has left it.
    expect(sockets.calls).toBe(calls + 4);
  });

  it('costs the next flush nothing: the rows are in the cohort again', () => {
    const { ann, bob, deliver, flush, many, newEvents, sockets } = crowd();
    deliver(VIDEO, marked('ann', 'bob'), 0, 'marks');
    flush();
    const calls = sockets.calls;
    deliver(VIDEO, { 'dc1.1': counted(2) }, 0);
    flush();
    expect(sockets.calls).toBe(calls + 1);
    for (const { viewer } of [ann, bob, ...many.slice(0, 1)]) {
      expect(newEvents(viewer).at(-1)?.data).toMatchObject({ total: 2, new: 1 });
    }
  });

  it('sends the member nothing at all if there is no other event', () => {
    const { ann, deliver, flush, many, newEvents } = crowd();
    deliver(VIDEO, marked('ann'), 0, 'marks');
    flush();
    expect(newEvents(ann.viewer)).toEqual([]);
    expect(names(newEvents(many[0]?.viewer ?? 0))).toEqual(['ann']);
  });

  it('is not sent to the member who resumes, becomes free, or has other channels', () => {
    const { deliver, flush, newEvents, openAs, sessions, sockets } = crowd();
    const [full, several] = [openAs('ann'), openAs('ann')];
    sessions.join(several, 'video:43');
    for (const { viewer } of [full, several]) newEvents(viewer);
    sockets.full.add(full.viewer);
    deliver(VIDEO, marked('ann', 'bob'), 0, 'marks');
    flush();
    sockets.drain(full.viewer);
    const resumed = openAs('ann', [VIDEO], `${VIDEO}/likes=1:dc1.1@10;marks=0:`);
    for (const { viewer } of [full, several, resumed]) {
      expect(names(newEvents(viewer))).toEqual(['bob']);
    }
  });

  it('is sent to rows that a slow sweep has not reached, except to the member', () => {
    const { ann, begin, bob, deliver, many, newEvents } = crowd();
    deliver(VIDEO, { 'dc1.1': counted(2) }, 0);
    const flush = begin(VIDEO);
    for (let turns = 0; turns < 50; turns++) flush(0);
    deliver(VIDEO, marked('ann', 'bob'), 0, 'marks');
    finish(flush);
    finish(begin(VIDEO));
    for (const { viewer } of many) {
      expect(names(newEvents(viewer))).toEqual(['likes', 'ann', 'bob']);
    }
    expect(names(newEvents(ann.viewer))).toEqual(['likes', 'bob']);
    expect(names(newEvents(bob.viewer))).toEqual(['likes', 'ann']);
  });
});

describe('a viewer that was sent some of the frames of an update', () => {
  it('is sent the rest once it is free, moments that began and ended meanwhile, too', async () => {
    const { channels, clock, deliver, flush, many, newEvents, sockets } = crowd([
      ...[likes, nods],
      largeEntries,
    ]);
    const [slow] = many;
    const viewer = slow?.viewer ?? 0;
    const nod = (id: string, version: number) =>
      channels.applyMoments(VIDEO, nods, { [id]: { version, state: true } }, 0);
    nod('ann', 1);
    flush();
    expect(names(newEvents(viewer))).toEqual(['ann']);
    await clock.advance(1_000);
    nod('bob', 2);
    deliver(VIDEO, { 'dc1.1': { version: 5, state: [1, 2, 3, 4, 5] } }, 0, 'entries');
    sockets.fullAfter.set(viewer, 1);
    flush();
    expect(names(newEvents(viewer))).toEqual(['bob', 'entry', 'entry']);
    await clock.advance(nods.showMs - 1_000);
    flush();
    sockets.drain(viewer);
    const rest = newEvents(viewer);
    expect(names(rest)).toEqual(['ann', 'entry', 'entry', 'entry']);
    expect(rest[0]?.data).toMatchObject({ memberId: 'ann', active: false });
    expect(rest.at(-1)?.id).toBe(`${VIDEO}/likes=1:dc1.1@10;entries=0:dc1.1@5`);
  });
});
