import { MAX_WINDOW_MS } from '../../../frontends/channels/flusher';
import { flushing } from './flushing';

describe('behind a slow proxy', () => {
  /** The times of the flushes of a channel that changes all the time. */
  async function timesOf(lagAt: (at: number) => number, ms: number): Promise<number[]> {
    const { begun, clock, flusher, room } = flushing(30);
    const small = room('small', 1);
    for (let at = 0; at < ms; at += 5) {
      small.lag = lagAt(at);
      flusher.changed(small);
      await clock.advance(5);
    }
    return begun.map(({ at }) => at);
  }

  it('a channel is flushed less often the longer its frames wait, and soon as before', async () => {
    const times = await timesOf((at) => (at < 300 ? 10 : 1), 500);
    expect(times).toEqual([0, 80, 160, 240, 320, 350, 380, 410, 440, 470, 500]);
  });

  it('a short wait changes nothing', async () => {
    expect(await timesOf(() => 3, 100)).toEqual(await timesOf(() => 0, 100));
  });

  it('a channel is flushed after the longest window at the latest', async () => {
    const times = await timesOf(() => 60_000, 2 * MAX_WINDOW_MS + 5);
    expect(times).toEqual([0, MAX_WINDOW_MS, 2 * MAX_WINDOW_MS]);
  });

  it('another channel is flushed as often as before', async () => {
    const { begun, clock, flusher, room } = flushing(30);
    const [slow, quick] = [room('slow', 1), room('quick', 1)];
    slow.lag = 1_000;
    for (let at = 0; at < 100; at += 5) {
      for (const one of [slow, quick]) flusher.changed(one);
      await clock.advance(5);
    }
    expect(begun.filter((flush) => flush.room === 'slow')).toHaveLength(1);
    expect(begun.filter((flush) => flush.room === 'quick')).toHaveLength(4);
  });

  it('an update after a pause is sent at once', async () => {
    const { begun, clock, flusher, room } = flushing(30);
    const small = room('small', 1);
    small.lag = 20;
    flusher.changed(small);
    await clock.advance(500);
    flusher.changed(small);
    await clock.advance(0);
    expect(begun.map(({ at }) => at)).toEqual([0, 500]);
  });
});
