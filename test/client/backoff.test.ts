import { delayMs } from '../../client/backoff';
import { range } from '../end-to-end/api';

describe('the time before a next try', () => {
  it('doubles, and stays within half a minute', () => {
    expect(range(7).map((at) => delayMs(at + 1, 0.5))).toEqual([
      ...[500, 1_000, 2_000, 4_000, 8_000, 16_000, 20_000],
    ]);
    expect(delayMs(1_000, 1)).toBe(30_000);
  });

  it('is spread, by half of it in both directions', () => {
    expect([delayMs(1, 0), delayMs(1, 1)]).toEqual([250, 750]);
  });

  it('is never shorter than the server asks for', () => {
    expect([delayMs(1, 0, 60_000), delayMs(9, 1, 60_000)]).toEqual([60_000, 75_000]);
  });
});
