import { presence } from '../../../schemas/policies/presence';

const GRACE_MS = 30_000;
const NOW = 1_000_000;
const policy = presence({ event: 'presence', graceMs: GRACE_MS });
const context = { oldestAt: 0, seen: '', channelId: 'ann', maxEntries: 50 };
const unseen = { total: 0, versions: new Map<string, number>() };

describe('a member', () => {
  it('is online while a worker has streams, or had some shortly before', () => {
    const open = policy.join([{ streams: 0, closedAt: 5 }, { streams: 1 }]);
    expect(policy.next(undefined, open, NOW)).toEqual({ online: true });
    const closed = policy.join([
      { streams: 0, closedAt: 5 },
      { streams: 0, closedAt: 9 },
    ]);
    expect(policy.next({ online: true }, closed, NOW)).toEqual({ online: true, lastActiveAt: 9 });
  });

  it('goes offline with the time at which the last stream was closed', () => {
    const before = { online: true, lastActiveAt: 9 };
    expect(policy.next(before, undefined, NOW)).toEqual({ online: false, lastActiveAt: 9 });
  });

  it('of a lost worker was active until about the loss', () => {
    const lost = policy.next({ online: true }, undefined, NOW);
    expect(lost).toEqual({ online: false, lastActiveAt: NOW - GRACE_MS });
    expect(policy.next(lost, undefined, NOW + 5)).toEqual(lost);
  });

  it('who was never seen is offline, without a time', () => {
    expect(policy.next(undefined, undefined, NOW)).toEqual({ online: false });
    expect(policy.view({})).toEqual({ online: false });
  });

  it('is online if one datacenter says so, else since the latest time', () => {
    const offline = (at: number) => ({
      version: 1,
      state: { online: false, lastActiveAt: at },
    });
    const online = { version: 1, state: { online: true } };
    expect(policy.view({ 'dc1.0': offline(5), 'dc2.0': online })).toEqual({ online: true });
    const view = policy.view({ 'dc1.0': offline(5), 'dc2.0': offline(9) });
    expect(view).toEqual({ online: false, lastActiveAt: 9 });
  });

  it('is shown with the same fields in snapshots, answers and events', () => {
    const view = { online: false, lastActiveAt: 9 };
    expect(policy.snapshot(view)).toEqual(view);
    expect(policy.news(view, unseen, context)).toEqual([
      { event: 'presence', data: { memberId: 'ann', ...view } },
    ]);
    expect(policy.same({ online: true }, policy.view({}))).toBe(false);
  });
});
