import fc from 'fast-check';
import '../../fixtures/same-runs';
import { EmbeddedCache } from '../../../adapters/embedded/state-cache';
import type { RowScan, ScannedRow } from '../../../adapters/row-scan';
import type { StateScan } from '../../../adapters/state-scan';
import { EventTypes } from '../../../schemas/event-types';
import { likes } from '../../../schemas/likes';
import type { Publication } from '../../../schemas/peer-update';
import { countsIn, isContested } from '../../../schemas/recount';
import { RecountRun } from '../../../tools/recount/run';
import { FakeStates } from '../../dispatchers/parts';
import { VirtualClock } from '../../simulation/virtual-clock';

const ORIGIN = 'dc1.1';
const REACTIONS = ['like', 'love'];
const ROWS_PER_PAGE = 3;

const origins = fc.uniqueArray(fc.constantFrom(ORIGIN, 'dc1.2', 'dc2.1'));
const row = fc
  .record({
    channel: fc.nat({ max: 9 }),
    has: origins,
    withdrawn: origins,
    reaction: fc.constantFrom(...REACTIONS),
  })
  .map(({ channel, has, reaction, withdrawn }) => ({
    channel: `video:${channel}`,
    bodies: new Map(has.map((origin) => [origin, { reaction }])),
    withdrawn: new Set(withdrawn),
  }));
const rows = fc
  .array(row, { maxLength: 40 })
  .map((all): ScannedRow[] => all.map((each, at) => ({ ...each, id: `${at}` })));
/** Saved and cached states, most of them wrong. */
const states = fc.dictionary(
  fc.nat({ max: 12 }).map((channel) => `video:${channel}`),
  fc.record({
    version: fc.nat({ max: 50 }),
    state: fc.dictionary(fc.constantFrom(...REACTIONS), fc.integer({ min: -1, max: 5 })),
  }),
);

/** A recount of rows and states in memory. */
function ground(
  all: readonly ScannedRow[],
  limits: { maxChannels?: number; maxContested?: number } = {},
) {
  const store = new FakeStates();
  const cache = new EmbeddedCache(new EventTypes([likes]));
  const published: Publication[] = [];
  const rowScan: RowScan = {
    async scan(visit, { channel } = {}) {
      const wanted = all.filter((each) => channel === undefined || each.channel === channel);
      for (let at = 0; at < wanted.length; at += ROWS_PER_PAGE) {
        visit(wanted.slice(at, at + ROWS_PER_PAGE));
      }
    },
  };
  const stateScan: StateScan = {
    async scan(origin, visit) {
      await visit([...store.cells.values()].filter((state) => state.origin === origin));
    },
  };
  const run = async (channel?: string) => {
    const run = new RecountRun({
      ...{ type: likes, origin: ORIGIN, ends: new Map([[0, 100]]), rows: rowScan, stateScan },
      ...{ states: store, cache, clock: new VirtualClock(), say: () => undefined },
      ...limits,
      publish: async (publications) => void published.push(...publications),
    });
    await (channel === undefined ? run.all() : run.one(channel));
    return run;
  };
  const recount = async (channel?: string) => (await run(channel)).summary;
  return { cache, published, recount, run, store };
}

/** Counts in a second, simpler way. */
function expectedCounts(all: readonly ScannedRow[], channel: string): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const each of all) {
    const copies = { origins: each.bodies.keys(), withdrawn: each.withdrawn };
    if (each.channel !== channel || !countsIn(ORIGIN, copies)) continue;
    const { reaction } = likes.body.parse(each.bodies.get(ORIGIN));
    counts[reaction] = (counts[reaction] ?? 0) + 1;
  }
  return counts;
}

/** The counted entries that a later datacenter has, too. */
function contestedIds(all: readonly ScannedRow[]): string[] {
  const contested = all.filter(({ bodies, withdrawn }) => {
    const copies = { origins: [...bodies.keys()], withdrawn };
    return countsIn(ORIGIN, copies) && isContested(ORIGIN, copies);
  });
  return contested.map(({ id }) => id).sort();
}

async function stateOf({ store }: ReturnType<typeof ground>, channel: string) {
  return (await store.load([channel])).find(({ origin }) => origin === ORIGIN);
}

it('makes all states equal to the rows in any number of passes, and then is done', async () => {
  await fc.assert(
    fc.asyncProperty(
      rows,
      states,
      states,
      fc.integer({ min: 1, max: 12 }),
      async (all, saved, cached, maxChannels) => {
        const there = ground(all, { maxChannels });
        const { cache, published, recount, store } = there;
        for (const [channel, state] of Object.entries(saved)) {
          await store.save([{ channel, type: 'likes', origin: ORIGIN, ...state }]);
        }
        for (const [channel, state] of Object.entries(cached)) {
          // A channel with neither a saved state nor a row that counts is not found by a recount.
          const isFound = channel in saved || Object.keys(expectedCounts(all, channel)).length > 0;
          if (!isFound) continue;
          await cache.put(new Map([[channel, { likes: { [ORIGIN]: state } }]]));
        }
        const first = await recount();
        const channels = Array.from({ length: 13 }, (_, at) => `video:${at}`);
        for (const channel of channels) {
          const counts = expectedCounts(all, channel);
          const state = await stateOf(there, channel);
          expect(withoutZeros(state?.state)).toEqual(counts);
          const newest = (await cache.get([channel])).get(channel)?.likes?.[ORIGIN] ?? state;
          expect(withoutZeros(newest?.state)).toEqual(counts);
        }
        const withState = published.filter(({ update }) => update.vector[ORIGIN] !== undefined);
        expect(withState).toHaveLength(first.changed);
        expect(published.flatMap(({ counted }) => counted).sort()).toEqual(contestedIds(all));
        const second = await recount();
        expect({ changed: second.changed, channels: second.channels }).toEqual({
          changed: 0,
          channels: expect.any(Number),
        });
        expect(second.totalAfter).toBe(first.totalAfter);
      },
    ),
  );
});

it('replaces a state by one with a later version than any cached or saved one', async () => {
  const row = { channel: 'video:1', bodies: new Map([[ORIGIN, { reaction: 'like' }]]) };
  const there = ground([{ ...row, id: '1', withdrawn: new Set() }]);
  await there.store.save([
    { channel: 'video:1', type: 'likes', origin: ORIGIN, version: 7, state: { like: 2 } },
  ]);
  const cached = { version: 9, state: { like: 3 }, lookUpUntil: 5 };
  await there.cache.put(new Map([['video:1', { likes: { [ORIGIN]: cached } }]]));
  await there.recount('video:1');
  const state = { version: 10, state: { like: 1 }, lookUpUntil: 5 };
  expect(await stateOf(there, 'video:1')).toEqual({
    channel: 'video:1',
    type: 'likes',
    origin: ORIGIN,
    ...state,
  });
  expect((await there.cache.get(['video:1'])).get('video:1')).toEqual({
    likes: { [ORIGIN]: state },
  });
  const update = { channel: 'video:1', type: 'likes', vector: { [ORIGIN]: state } };
  expect(there.published).toMatchObject([{ update, counted: [] }]);
});

it('rebuilds a lost state at the end of its partition', async () => {
  const row = { channel: 'video:1', bodies: new Map([[ORIGIN, { reaction: 'like' }]]) };
  const there = ground([{ ...row, id: '1', withdrawn: new Set() }]);
  await there.recount();
  expect(await stateOf(there, 'video:1')).toMatchObject({ version: 100, state: { like: 1 } });
});

it('publishes a like that a later datacenter has, too, even if our counts are right', async () => {
  const bodies = new Map([ORIGIN, 'dc2.1'].map((origin) => [origin, { reaction: 'like' }]));
  const row = { channel: 'video:1', bodies, withdrawn: new Set<string>() };
  const there = ground(
    [1, 2].map((id) => ({ ...row, id: `${id}` })),
    { maxContested: 1 },
  );
  await there.store.save([
    { channel: 'video:1', type: 'likes', origin: ORIGIN, version: 7, state: { like: 2 } },
  ]);
  const { contestedLeft, summary } = await there.run('video:1');
  expect(summary.changed).toBe(0);
  expect(there.published).toMatchObject([{ update: { channel: 'video:1' }, counted: ['1'] }]);
  expect(contestedLeft).toBe(1);
});

function withoutZeros(state: unknown = {}) {
  const counts = likes.policy.state.parse(state);
  return Object.fromEntries(Object.entries(counts).filter(([, count]) => count !== 0));
}
