import { EventTypes } from '../../schemas/event-types';
import { seenOf } from '../../schemas/place';
import type { Cells } from '../../schemas/policies/cells';
import {
  compareMessageIds,
  MAX_RECEIPTS,
  MAX_SHOWN_RECEIPTS,
  receipts,
} from '../../schemas/receipts';
import type { Vector } from '../../schemas/state';

const { policy } = receipts;

type Read = readonly [memberId: string, messageId: string];

function fold(reads: readonly Read[]): Cells {
  return reads.reduce((before, [memberId, messageId], offset) => {
    return policy.fold(before, { id: 'x', memberId, at: offset, body: { messageId } }, offset);
  }, policy.empty);
}

function vectorOf(...logs: readonly (readonly Read[])[]): Vector<Cells> {
  const states = logs.map((reads, index) => {
    return [`dc${index + 1}.1`, { version: reads.length - 1, state: fold(reads) }] as const;
  });
  return Object.fromEntries(states);
}

const snapshot = (states: Vector<Cells>) => policy.snapshot(policy.view(states));

describe('receipts', () => {
  it('order ids of messages by length, then by bytes', () => {
    const ids = ['b', '10', 'B', 'aa', '9'];
    expect(ids.sort(compareMessageIds)).toEqual(['9', 'B', 'b', '10', 'aa']);
    expect(compareMessageIds('a', 'a')).toBe(0);
  });

  it.each([
    [
      'in one log',
      vectorOf([
        ['ann', '10'],
        ['ann', '9'],
      ]),
    ],
    ['in the order of two logs', vectorOf([['ann', '10']], [['ann', '9']])],
    ['against the order of two logs', vectorOf([['ann', '9']], [['ann', '10']])],
  ])('keep the greatest message of a member %s', (_, states) => {
    expect(snapshot(states)).toEqual({
      receipts: [{ memberId: 'ann', messageId: '10', at: expect.any(Number) }],
    });
  });

  it('are sent to others, one event a member', () => {
    const before = vectorOf([['ann', '1']]);
    const now = vectorOf([
      ['ann', '1'],
      ['bob', '1'],
      ['ann', '2'],
      ['bob', '3'],
    ]);
    const context = { oldestAt: 0, seen: '', channelId: '1', maxEntries: 50 };
    expect(policy.news(policy.view(now), seenOf(0, before), context)).toEqual([
      {
        event: 'receipt',
        data: { memberId: 'ann', messageId: '2', at: 2 },
        exceptMember: 'ann',
        reached: { total: 0, versions: new Map([['dc1.1', 2]]) },
      },
      {
        event: 'receipt',
        data: { memberId: 'bob', messageId: '3', at: 3 },
        exceptMember: 'bob',
        reached: undefined,
      },
    ]);
  });

  it('keep the newest members, and show fewer, the newest one first', () => {
    const reads = Array.from({ length: MAX_RECEIPTS + 5 }, (_, index): Read => [`m${index}`, '1']);
    const state = fold(reads);
    expect(state.cells).toHaveLength(MAX_RECEIPTS);
    expect(state.cells[0]?.key).toBe('m5');
    const { receipts: shown } = snapshot(vectorOf(reads)) as { receipts: { memberId: string }[] };
    expect(shown).toHaveLength(MAX_SHOWN_RECEIPTS);
    expect(shown[0]?.memberId).toBe(`m${MAX_RECEIPTS + 4}`);
  });

  it('are appended if they are newer in all logs; else the newer one is the answer', () => {
    const states = vectorOf([['ann', '5']], [['ann', '7']]);
    const admit = (messageId: string, memberId = 'ann') =>
      policy.admit?.(states, { memberId, body: { messageId } });
    expect(admit('8')).toEqual({ body: { messageId: '8' } });
    expect(admit('1', 'bob')).toEqual({ body: { messageId: '1' } });
    const kept = { memberId: 'ann', at: 0, body: { messageId: '7' }, place: 'dc2.1@0' };
    expect(admit('7')).toEqual({ kept });
    expect(admit('6')).toEqual({ kept });
  });

  it('are of conversations', () => {
    expect(new EventTypes([receipts]).of('conversation:7')).toEqual([receipts]);
  });
});

test('a state whose value is no text is shown without one', () => {
  const { policy } = receipts;
  const cell = { key: 'ann', version: 1, at: 5, stamp: 0, value: { toString: 1 } };
  const view = policy.view({ 'dc1.1': { version: 1, state: { cells: [cell] } } });
  expect(policy.snapshot(view)).toEqual({ receipts: [{ memberId: 'ann', messageId: '', at: 5 }] });
});
