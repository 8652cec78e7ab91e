import { LeasedStates } from '../../producers/leased-states';
import { CACHE_WAIT_MS, SAVED_WAIT_MS } from '../../producers/newest-states';
import { LikestreamError } from '../../schemas/errors';
import type { LeasedType } from '../../schemas/event-type';
import { presence } from '../../schemas/presence';
import type { Feeds, State } from '../../schemas/state';
import { viewers } from '../../schemas/viewers';
import { VirtualClock } from '../simulation/virtual-clock';

const CHANNEL = 'video:42';
const SAVED: State = {
  ...{ channel: CHANNEL, type: 'viewers', origin: 'dc1.0', version: 7 },
  state: { count: 5, peak: 9 },
};

function parts(cached: Feeds | undefined, saved: readonly State[] | Error | 'late' = []) {
  const clock = new VirtualClock();
  const loads: unknown[] = [];
  const states = new LeasedStates({
    clock,
    cache: { get: async () => new Map(cached ? [[CHANNEL, cached]] : []) },
    states: {
      load: async (...asked) => {
        loads.push(asked);
        if (saved instanceof Error) throw saved;
        return saved === 'late' ? new Promise(() => undefined) : saved;
      },
    },
  });
  return { clock, loads, states };
}

const VIEWERS: LeasedType = viewers;
const viewOf = (feeds: Feeds | undefined) => VIEWERS.policy.view(feeds?.viewers ?? {});

it('reads the cached state, and what other datacenters have saved', async () => {
  const cached = { viewers: { 'dc1.0': { version: 9, state: { count: 3, peak: 4 } } } };
  const other = { ...SAVED, origin: 'dc2.0' };
  const { states } = parts(cached, [SAVED, other]);
  const all = await states.load([CHANNEL], [viewers]);
  expect(viewOf(all.get(CHANNEL))).toEqual({ count: 3, peak: 9 });
});

it('without a cached state nothing contributes: a saved count is an old one', async () => {
  const { states } = parts(undefined, [SAVED]);
  const all = await states.load([CHANNEL], [viewers]);
  expect(viewOf(all.get(CHANNEL))).toEqual({ count: 0, peak: 9 });
});

it('has no states of an unknown channel, and reads no type that is not saved', async () => {
  const { loads, states } = parts(undefined);
  const unsaved = { ...presence, saveEveryMs: undefined };
  const all = await states.load(['member:ann'], [unsaved]);
  expect(all.get('member:ann')).toEqual({ presence: {} });
  expect(loads).toEqual([]);
});

it('knows when a member was there last, although Redis does not', async () => {
  const of = { channel: CHANNEL, type: 'presence', origin: 'dc1.0', version: 3 };
  const { states } = parts(undefined, [{ ...of, state: { online: false, lastActiveAt: 5 } }]);
  const all = await states.load([CHANNEL], [presence]);
  expect(presence.policy.view(all.get(CHANNEL)?.presence as never)).toEqual({
    online: false,
    lastActiveAt: 5,
  });
});

it('needs no store if the cache has all', async () => {
  const cached = { viewers: { 'dc1.0': { version: 9, state: { count: 3, peak: 4 } } } };
  const failed = parts(cached, new LikestreamError('store_unavailable'));
  const all = await failed.states.load([CHANNEL], [viewers]);
  expect(viewOf(all.get(CHANNEL))).toEqual({ count: 3, peak: 4 });
  const late = parts(cached, 'late');
  const reading = late.states.load([CHANNEL], [viewers]);
  await late.clock.advance(SAVED_WAIT_MS);
  expect(viewOf((await reading).get(CHANNEL))).toEqual({ count: 3, peak: 4 });
});

it('rejects if the saved states are needed and unavailable', async () => {
  const { states } = parts(undefined, new LikestreamError('store_unavailable'));
  const reading = states.load([CHANNEL], [viewers]);
  await expect(reading).rejects.toMatchObject({ code: 'store_unavailable' });
});

it('rejects if the cache does not answer', async () => {
  const clock = new VirtualClock();
  const states = new LeasedStates({
    clock,
    cache: { get: () => new Promise(() => undefined) },
    states: { load: async () => [SAVED] },
  });
  const reading = states.load([CHANNEL], [viewers]).catch((error: unknown) => error);
  await clock.advance(CACHE_WAIT_MS);
  expect(await reading).toMatchObject({ code: 'directory_unavailable' });
});
