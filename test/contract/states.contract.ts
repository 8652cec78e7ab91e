import type { StateStore } from '../../adapters/state-store';
import type { State } from '../../schemas/state';
import { freshChannel, type Time } from './time';

export interface StatesFixture {
  readonly states: StateStore;
  readonly time: Time;
  readonly close: () => Promise<void>;
}

type Use = () => ReturnType<typeof asTests>;

/** The states, for the tests of one channel. */
function asTests({ states, time }: StatesFixture, channel: string) {
  return {
    channel,
    states,
    time,
    save: (...of: State[]) => time.finish(states.save(of)),
    load: (...channels: string[]) => time.finish(states.load(channels)),
    loadType: (type: string) => time.finish(states.load([channel], type)),
    state: (version: number, change: Partial<State> = {}): State => ({
      channel,
      type: 'likes',
      origin: 'dc1.1',
      version,
      state: { like: version, love: 1 },
      ...change,
    }),
  };
}

/** The contract of every state store. */
export function describeStatesContract(name: string, open: () => Promise<StatesFixture>): void {
  describe(`the saved states: ${name}`, () => {
    let fixture: StatesFixture;
    let channel: string;
    beforeAll(async () => {
      fixture = await open();
    });
    beforeEach(() => {
      channel = freshChannel();
    });
    afterAll(() => fixture.close());

    const use: Use = () => asTests(fixture, channel);
    describeVersions(use);
    describeNames(use);
    describeTypes(use);
  });
}

function describeVersions(use: Use): void {
  it('returns a state once it is saved', async () => {
    const { channel, save, load, state } = use();
    await save(state(1_203));
    expect(await load(channel)).toEqual([state(1_203)]);
  });

  it('returns nothing for a channel without a state', async () => {
    const { channel, load } = use();
    expect(await load(channel)).toEqual([]);
    expect(await load()).toEqual([]);
  });

  it.each([
    ['it came last', [3, 8]],
    ['it came first', [8, 3]],
    ['it came in between', [3, 8, 5]],
  ])('keeps the newest version: %s', async (_, versions) => {
    const { channel, save, load, state } = use();
    for (const version of versions) await save(state(version));
    expect(await load(channel)).toEqual([state(8)]);
  });

  it('keeps the newest version of concurrent saves', async () => {
    const { channel, states, time, load, state } = use();
    const saves = [5, 9, 7, 2].map((version) => states.save([state(version)]));
    await time.finish(Promise.all(saves));
    expect(await load(channel)).toEqual([state(9)]);
  });

  it('accepts version 0, and replaces it with the next one', async () => {
    const { channel, save, load, state } = use();
    await save(state(0));
    expect(await load(channel)).toEqual([state(0)]);
    await save(state(1));
    expect(await load(channel)).toEqual([state(1)]);
  });
}

function describeNames(use: Use): void {
  it('keeps a state for each origin: each datacenter and generation', async () => {
    const { channel, save, load, state } = use();
    const origins = ['dc1.1', 'dc1.2', 'dc1.10', 'dc1.1.3', 'dc2.1'];
    await save(...origins.map((origin, at) => state(at, { origin })));
    await save(state(50, { origin: 'dc2.1' }));
    const loaded = await load(channel);
    const versions = loaded.map(({ origin, version }) => [origin, version]);
    expect(Object.fromEntries(versions)).toEqual({
      'dc1.1': 0,
      'dc1.2': 1,
      'dc1.10': 2,
      'dc1.1.3': 3,
      'dc2.1': 50,
    });
  });

  it('distinguishes channels with a common beginning', async () => {
    const { channel, save, load, state } = use();
    for (const end of ['-1', '.1', '1', '_1', '0']) {
      await save(state(9, { channel: `${channel}${end}` }));
    }
    await save(state(1));
    expect(await load(channel)).toEqual([state(1)]);
  });

  it('saves and loads 5,000 channels in one call', async () => {
    const { channel, save, load, state } = use();
    const many = Array.from({ length: 5_000 }, (_, at) =>
      state(at, { channel: `${channel}.${at}` }),
    );
    await save(...many);
    const loaded = await load(...many.map((one) => one.channel));
    const byVersion = (one: State, other: State) => one.version - other.version;
    expect([...loaded].sort(byVersion)).toEqual(many);
  });

  it('keeps the time until which ids are looked up', async () => {
    const { channel, save, load, state } = use();
    await save(state(4, { lookUpUntil: 1_700_000_060_000 }));
    expect(await load(channel)).toEqual([state(4, { lookUpUntil: 1_700_000_060_000 })]);
  });
}

function describeTypes(use: Use): void {
  it('keeps the states of two event types apart, though origin and version are equal', async () => {
    const { channel, save, load, loadType, state } = use();
    const likes = state(7);
    const stars = state(7, { type: 'star-ratings', state: { '5': 2 } });
    await save(likes, stars);
    await save(state(3), state(9, { type: 'star-ratings', state: { '5': 3 } }));
    const newer = { ...stars, version: 9, state: { '5': 3 } };
    const byType = (one: State, other: State) => (one.type < other.type ? -1 : 1);
    expect([...(await load(channel))].sort(byType)).toEqual([likes, newer]);
    expect(await loadType('likes')).toEqual([likes]);
    expect(await loadType('star-ratings')).toEqual([newer]);
  });

  it('distinguishes event types with a common beginning', async () => {
    const { save, loadType, state } = use();
    await save(...['likes-2', 'likes0', 'like'].map((type) => state(9, { type })));
    expect(await loadType('likes')).toEqual([]);
    await save(state(1));
    expect(await loadType('likes')).toEqual([state(1)]);
  });

  it('returns the states of one event type of several channels', async () => {
    const { channel, save, states, time, state } = use();
    const channels = [channel, freshChannel()];
    const all = channels.map((name, at) => state(at, { channel: name }));
    await save(...all, state(9, { type: 'star-ratings', state: {} }));
    expect(await time.finish(states.load(channels, 'likes'))).toEqual(all);
  });

  it('returns the states of an unknown event type as they are', async () => {
    const { channel, save, load, state } = use();
    const opaque = state(3, { type: 'unknown', state: { any: ['shape', 1, null, true] } });
    await save(opaque);
    expect(await load(channel)).toEqual([opaque]);
  });
}
