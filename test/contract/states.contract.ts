import type { StateStore } from '../../adapters/state-store';
import type { State } from '../../schemas/state';
import { freshChannel, type Time } from './time';

export interface StatesPart {
  readonly states: StateStore;
  readonly time: Time;
  readonly close: () => Promise<void>;
}

type Use = () => ReturnType<typeof asTests>;

/** The states as the tests of one channel use them. */
function asTests({ states, time }: StatesPart, channel: string) {
  return {
    channel,
    states,
    time,
    save: (...of: State[]) => time.finish(states.save(of)),
    load: (...channels: string[]) => time.finish(states.load(channels)),
    state: (version: number, change: Partial<State> = {}): State => ({
      channel,
      origin: 'dc1.1',
      version,
      counts: { like: version, love: 1 },
      ...change,
    }),
  };
}

/** What any store of states has to do. */
export function describeStatesContract(name: string, open: () => Promise<StatesPart>): void {
  describe(`the saved states: ${name}`, () => {
    let part: StatesPart;
    let channel: string;
    beforeAll(async () => {
      part = await open();
    });
    beforeEach(() => {
      channel = freshChannel();
    });
    afterAll(() => part.close());

    const use: Use = () => asTests(part, channel);
    describeVersions(use);
    describeNames(use);
  });
}

function describeVersions(use: Use): void {
  it('gives back what was saved, as soon as it was', async () => {
    const { channel, save, load, state } = use();
    await save(state(1_203));
    expect(await load(channel)).toEqual([state(1_203)]);
  });

  it('gives nothing of a channel that never had a state', async () => {
    const { channel, load } = use();
    expect(await load(channel)).toEqual([]);
    expect(await load()).toEqual([]);
  });

  it.each([
    ['it came last', [3, 8]],
    ['it came first', [8, 3]],
    ['it came in between', [3, 8, 5]],
  ])('keeps the newest version, where %s', async (_, versions) => {
    const { channel, save, load, state } = use();
    for (const version of versions) await save(state(version));
    expect(await load(channel)).toEqual([state(8)]);
  });

  it('keeps the newest version when they come at the same moment', async () => {
    const { channel, states, time, load, state } = use();
    const saves = [5, 9, 7, 2].map((version) => states.save([state(version)]));
    await time.finish(Promise.all(saves));
    expect(await load(channel)).toEqual([state(9)]);
  });

  it('takes version 0 for one, and the next one over it', async () => {
    const { channel, save, load, state } = use();
    await save(state(0));
    expect(await load(channel)).toEqual([state(0)]);
    await save(state(1));
    expect(await load(channel)).toEqual([state(1)]);
  });
}

function describeNames(use: Use): void {
  it('keeps a state for each origin, datacenters and generations alike', async () => {
    const { channel, save, load, state } = use();
    const origins = ['dc1.1', 'dc1.2', 'dc1.10', 'dc2.1'];
    await save(...origins.map((origin, at) => state(at, { origin })));
    await save(state(50, { origin: 'dc2.1' }));
    const loaded = await load(channel);
    const versions = loaded.map(({ origin, version }) => [origin, version]);
    expect(Object.fromEntries(versions)).toEqual({
      'dc1.1': 0,
      'dc1.2': 1,
      'dc1.10': 2,
      'dc2.1': 50,
    });
  });

  it('tells channels apart whose names begin alike', async () => {
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

  it('keeps until when ids are to be looked up', async () => {
    const { channel, save, load, state } = use();
    await save(state(4, { lookUpUntil: 1_700_000_060_000 }));
    expect(await load(channel)).toEqual([state(4, { lookUpUntil: 1_700_000_060_000 })]);
  });
}
