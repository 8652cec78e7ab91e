import fc from 'fast-check';
import '../../fixtures/same-runs';
import { UnstoredQueue } from '../../../dispatchers/owner/unstored-queue';
import type { UnstoredRecord } from '../../../dispatchers/owner/unstored-records';

function record(seq: number, offset: number): UnstoredRecord {
  return { channel: 'video:1', producer: 'one', seq, offset, entries: [] };
}

const MANY = 1_000;
const actions = fc.array(
  fc.record({ does: fc.constantFrom('add', 'remove', 'replace'), seq: fc.nat({ max: 20 }) }),
  { maxLength: 300 },
);

describe('the queue of unstored records', () => {
  it('has the records of a map by sequence, in the order in which they were added', () => {
    fc.assert(
      fc.property(actions, fc.nat({ max: 20 }), (all, upTo) => {
        const [queue, model] = [
          new UnstoredQueue<UnstoredRecord>(),
          new Map<number, UnstoredRecord>(),
        ];
        for (const [offset, { does, seq }] of all.entries()) {
          const [before, next] = [model.get(seq), record(seq, offset)];
          if (does === 'add' && !before) queue.add(next);
          if (does === 'replace' && before) queue.replace(before, next);
          if (does === 'remove') expect(queue.remove(before ?? next)).toBe(before !== undefined);
          if (does === 'remove') model.delete(seq);
          else if ((does === 'add') === (before === undefined)) model.set(seq, next);
          expect(queue.first).toBe([...model.values()][0]);
        }
        const expected = [...model.values()];
        const end = expected.findIndex(({ seq }) => seq > upTo);
        expect([queue.all(), queue.size]).toEqual([expected, expected.length]);
        expect(queue.upTo(upTo)).toEqual(end < 0 ? expected : expected.slice(0, end));
      }),
    );
  });

  it('keeps few removed records while its first one stays', () => {
    const queue = new UnstoredQueue<UnstoredRecord>();
    queue.add(record(0, 0));
    for (let seq = 1; seq < MANY; seq++) {
      const next = record(seq, seq);
      queue.add(next);
      queue.remove(next);
    }
    expect(queue.all()).toEqual([record(0, 0)]);
    const { order } = queue as unknown as { order: unknown[] };
    expect(order.length).toBeLessThan(MANY / 10);
  });
});
