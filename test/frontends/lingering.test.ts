import fc from 'fast-check';
import '../fixtures/same-runs';
import { MAX_ITEMS_A_TURN } from '../../frontends/channels/deadline-queue';
import { LINGER_MS, Lingering } from '../../frontends/lingering';
import { VirtualClock } from '../simulation/virtual-clock';

function lingering() {
  const clock = new VirtualClock();
  const released: string[][] = [];
  const all = new Lingering(clock, (channels) => released.push([...channels]));
  return { all, clock, released };
}

describe('a lingering channel', () => {
  it('is released at its deadline, and not before', async () => {
    const { all, clock, released } = lingering();
    all.add('video:1');
    await clock.advance(1_000);
    all.add('video:2');
    await clock.advance(LINGER_MS - 1_001);
    expect(released).toEqual([]);
    await clock.advance(1);
    expect(released).toEqual([['video:1']]);
    await clock.advance(1_000);
    expect(released).toEqual([['video:1'], ['video:2']]);
    expect(all.size).toBe(0);
  });

  it('is not released if it is kept, and has a new deadline if it is added again', async () => {
    const { all, clock, released } = lingering();
    all.add('video:1');
    all.add('video:2');
    await clock.advance(LINGER_MS - 1);
    all.keep('video:1');
    all.add('video:2');
    await clock.advance(LINGER_MS - 1);
    expect(released).toEqual([]);
    await clock.advance(1);
    expect(released).toEqual([['video:2']]);
  });

  it('is released with others in batches, one per turn of the event loop', async () => {
    const { all, clock, released } = lingering();
    const count = 3 * MAX_ITEMS_A_TURN + 1;
    for (let at = 0; at < count; at++) all.add(`video:${at}`);
    const turns: number[] = [];
    const watch = (): void => {
      turns.push(released.length);
      if (released.length < 4) clock.after(0, watch);
    };
    clock.after(LINGER_MS, watch);
    await clock.advance(LINGER_MS);
    expect(released.map(({ length }) => length)).toEqual([
      ...new Array(3).fill(MAX_ITEMS_A_TURN),
      1,
    ]);
    expect(new Set(turns)).toEqual(new Set([1, 2, 3, 4]));
  });

  it('is released early to make room, the oldest first, except the given ones', async () => {
    const { all, clock, released } = lingering();
    for (const channel of ['video:1', 'video:2', 'video:3', 'video:4']) all.add(channel);
    all.releaseOldest(2, ['video:1']);
    expect(released).toEqual([['video:2', 'video:3']]);
    await clock.advance(LINGER_MS);
    expect(released).toEqual([
      ['video:2', 'video:3'],
      ['video:1', 'video:4'],
    ]);
  });

  it('is not released after `close`', async () => {
    const { all, clock, released } = lingering();
    all.add('video:1');
    all.close();
    all.add('video:2');
    await clock.advance(2 * LINGER_MS);
    expect(released).toEqual([]);
  });
});

describe('lingering channels', () => {
  it('are released after their deadline, and never while they are kept', async () => {
    const steps = fc.array(
      fc.record({
        does: fc.constantFrom('add' as const, 'keep' as const),
        channel: fc.nat({ max: 5 }).map((id) => `video:${id}`),
        ms: fc.nat({ max: LINGER_MS }),
      }),
      { maxLength: 30 },
    );
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const clock = new VirtualClock();
        const since = new Map<string, number>();
        const wrong: string[] = [];
        const lingering = new Lingering(clock, (channels) => {
          for (const channel of channels) {
            const at = since.get(channel);
            if (at === undefined || clock.monotonic() - at !== LINGER_MS) wrong.push(channel);
            since.delete(channel);
          }
        });
        for (const { does, channel, ms } of all) {
          if (does === 'add') since.set(channel, clock.monotonic());
          else since.delete(channel);
          lingering[does](channel);
          await clock.advance(ms);
        }
        await clock.advance(LINGER_MS);
        expect([wrong, [...since.keys()]]).toEqual([[], []]);
      }),
      { numRuns: 50 },
    );
  });
});
