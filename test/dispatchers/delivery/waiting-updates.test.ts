import fc from 'fast-check';
import '../../fixtures/same-runs';
import { WaitingUpdates } from '../../../dispatchers/delivery/waiting-updates';
import { newestShared } from '../../../dispatchers/newest-by-key';
import { SharedUpdate } from '../../../schemas/shared-update';
import { counted, types } from '../parts';

const MANY = { updates: 1_000, bytes: 1_000_000 };

function update(channel: string, version: number): SharedUpdate {
  const vector = { 'dc1.1': counted(version, { like: version }) };
  return new SharedUpdate({ channel, type: 'likes', t: version, vector });
}

describe('waiting updates', () => {
  it('of one round are given as they came', () => {
    const waiting = new WaitingUpdates(types);
    const round = [update('video:1', 1), update('video:2', 1)];
    waiting.add(round);
    expect(waiting.take(MANY)).toBe(round);
    expect([waiting.size, waiting.take(MANY)]).toEqual([0, []]);
  });

  it('are bounded in number and bytes, but for the first', () => {
    const waiting = new WaitingUpdates(types);
    const round = ['video:1', 'video:2', 'video:3', 'video:4'].map((name) => update(name, 1));
    waiting.add(round);
    expect(waiting.take({ updates: 1_000, bytes: 10 })).toEqual(round.slice(0, 1));
    expect(waiting.take({ updates: 2, bytes: 1_000_000 })).toEqual(round.slice(1, 3));
    expect(waiting.take(MANY)).toEqual(round.slice(3));
  });

  it('are those of a queue that merges each update', () => {
    const round = fc.uniqueArray(fc.nat(4), { maxLength: 5 });
    const step = fc.oneof(
      fc.record({ kind: fc.constant('add' as const), of: round }),
      fc.record({ kind: fc.constant('take' as const), most: fc.integer({ min: 1, max: 6 }) }),
      fc.record({ kind: fc.constant('restore' as const) }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const [waiting, queue] = [new WaitingUpdates(types), newestShared(types)];
        let taken: readonly SharedUpdate[] = [];
        let version = 0;
        for (const each of steps) {
          if (each.kind === 'add') {
            version += 1;
            const updates = each.of.map((channel) => update(`video:${channel}`, version));
            waiting.add(updates);
            for (const one of updates) queue.add(one);
          } else if (each.kind === 'take') {
            taken = waiting.take({ updates: each.most, bytes: 1_000_000 });
            expect(taken).toEqual(queue.take(each.most));
          } else {
            waiting.restore(taken);
            for (const one of taken) queue.restore(one);
            taken = [];
          }
          expect(waiting.size).toBe(queue.size);
        }
        expect(waiting.take(MANY)).toEqual(queue.take());
      }),
    );
  });

  it('are none once they are cleared', () => {
    const waiting = new WaitingUpdates(types);
    waiting.add([update('video:1', 1)]);
    waiting.clear();
    waiting.add([update('video:2', 1)]);
    waiting.add([update('video:3', 1)]);
    waiting.clear();
    expect([waiting.size, waiting.take(MANY)]).toEqual([0, []]);
  });
});
