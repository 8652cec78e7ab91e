import { signal } from '../../../schemas/policies/signal';
import type { Vector } from '../../../schemas/state';

const policy = signal({ event: 'typing', field: 'typing' });
const context = { oldestAt: 0, seen: '', channelId: '1', maxEntries: 50 };

function active(...ids: string[]): Vector<object> {
  return Object.fromEntries(ids.map((id, at) => [id, { version: at, state: policy.stateOf({}) }]));
}

function seen(...ids: string[]) {
  return { total: 0, versions: new Map(ids.map((id) => [id, 1])) };
}

describe('a signal', () => {
  it('is shown when it begins and when it ends, except to its own member', () => {
    const view = policy.view(active('ann', 'ben'));
    expect(policy.news(view, seen('ben', 'cleo'), context)).toEqual([
      { event: 'typing', data: { memberId: 'ann', active: true }, exceptMember: 'ann' },
      { event: 'typing', data: { memberId: 'cleo', active: false }, exceptMember: 'cleo' },
    ]);
  });

  it('that is repeated is no news', () => {
    const view = policy.view(active('ann'));
    expect(policy.news(view, seen('ann'), context)).toEqual([]);
    expect(policy.same(view, policy.view(active('ann')))).toBe(true);
    expect(policy.same(view, policy.view(active('ben')))).toBe(false);
  });

  it('is in snapshots as the list of members', () => {
    expect(policy.snapshot(policy.view(active('ann', 'ben')))).toEqual({ typing: ['ann', 'ben'] });
    expect(policy.snapshot(policy.view({}))).toEqual({ typing: [] });
  });
});
