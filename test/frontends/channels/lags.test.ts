import { Audience, type AudienceRow } from '../../../frontends/channels/audience';
import {
  Lags,
  SAMPLE_GAP_MS,
  SAMPLED_VIEWERS,
  type Sampled,
  STALLED_MS,
} from '../../../frontends/channels/lags';
import { VirtualClock } from '../../simulation/virtual-clock';

/** A view with viewers 1, 2, … and these lags, ms; `read` has the viewers whose lag was read. */
function lagging(lags: readonly number[]) {
  const clock = new VirtualClock();
  const read: number[] = [];
  const audience = new Audience<AudienceRow>();
  for (const at of lags.keys()) audience.add({ viewer: at + 1, index: 0 });
  const view: Sampled = { audience, lagMs: 0, sampleAt: 0 };
  const lagOf = (viewer: number): number => {
    read.push(viewer);
    return lags[viewer - 1] ?? 0;
  };
  return { clock, read, view, lags: new Lags({ lagOf }, clock) };
}

describe('the lag of a view', () => {
  it('is that of most of its viewers, so that one slow viewer slows nobody', () => {
    for (let slow = 0; slow < 1_000; slow += 7) {
      const each = Array.from({ length: 1_000 }, (_, at) => (at === slow ? 60_000 : 2));
      const { lags, view } = lagging(each);
      expect(lags.of(view)).toBe(2);
    }
  });

  it('is read of few viewers, spread over all of them', () => {
    const { lags, read, view } = lagging(Array.from({ length: 7_000 }, (_, at) => at));
    lags.of(view);
    expect(read).toHaveLength(SAMPLED_VIEWERS);
    expect(read).toEqual([1, 1_001, 2_001, 3_001, 4_001, 5_001, 6_001]);
  });

  it.each([
    [[], 0],
    [[9], 9],
    [[900, 3], 3],
    [[5, 900, 800], 800],
  ])('of viewers with %j is %d', (each, lag) => {
    const { lags, view } = lagging(each);
    expect(lags.of(view)).toBe(lag);
  });

  it('is that of the others while most viewers have stalled', () => {
    const each = Array.from({ length: 3_000 }, (_, at) => (at % 3 === 0 ? 3 : STALLED_MS));
    const { lags, view } = lagging(each);
    expect(lags.of(view)).toBe(3);
  });

  it('stays as it was while all have stalled', async () => {
    const each = [400, 400];
    const { clock, lags, view } = lagging(each);
    lags.of(view);
    each.fill(STALLED_MS);
    await clock.advance(SAMPLE_GAP_MS);
    expect(lags.of(view)).toBe(400);
    each.fill(7);
    await clock.advance(SAMPLE_GAP_MS);
    expect(lags.of(view)).toBe(7);
  });

  it('is read once in a while, and kept between', async () => {
    const each = [4];
    const { clock, lags, read, view } = lagging(each);
    lags.of(view);
    each[0] = 40;
    await clock.advance(SAMPLE_GAP_MS - 1);
    expect(lags.of(view)).toBe(4);
    await clock.advance(1);
    expect(lags.of(view)).toBe(40);
    expect(read).toEqual([1, 1]);
  });
});
