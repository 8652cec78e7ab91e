import { gauge } from '../../../schemas/policies/gauge';

const policy = gauge({ event: 'viewers', field: 'viewers', peakField: 'peak' });
const context = { oldestAt: 0, seen: '', channelId: '1', maxEntries: 50 };
const unseen = { total: 0, versions: new Map<string, number>() };

describe('a gauge', () => {
  it('is the sum of all workers, and 0 without any', () => {
    const joined = policy.join([
      { streams: 2, stood: 0 },
      { streams: 5, stood: 4 },
    ]);
    expect(joined).toEqual({ streams: 7, stood: 4 });
    expect(policy.next(undefined, joined, 0)).toEqual({ count: 7, peak: 4 });
    expect(policy.join([])).toBeUndefined();
    expect(policy.next({ count: 7, peak: 4 }, undefined, 0)).toEqual({ count: 0, peak: 4 });
  });

  it('keeps its peak when workers with a smaller one come', () => {
    const joined = { streams: 1, stood: 0 };
    expect(policy.next({ count: 9, peak: 9 }, joined, 0)).toEqual({ count: 1, peak: 9 });
  });

  it('has the saved peaks of other datacenters, too', () => {
    const view = policy.view({
      'dc1.0': { version: 3, state: { count: 4, peak: 5 } },
      'dc2.0': { version: 9, state: { count: 0, peak: 8 } },
    });
    expect(policy.answer?.(view)).toEqual({ viewers: 4, peak: 8 });
    expect(policy.level?.(view)).toBe(4);
  });

  it('shows the sum alone on streams, and no change if only the peak differs', () => {
    const view = { count: 4, peak: 5 };
    expect(policy.snapshot(view)).toEqual({ viewers: 4 });
    expect(policy.news(view, unseen, context)).toEqual([
      { event: 'viewers', data: { viewers: 4 } },
    ]);
    expect(policy.same(view, { count: 4, peak: 9 })).toBe(true);
    expect(policy.same(view, { count: 5, peak: 5 })).toBe(false);
  });
});
