import fc from 'fast-check';
import '../../../fixtures/same-runs';
import type { PartitionEntry } from '../../../../adapters/partition-log';
import type { LikestreamError } from '../../../../schemas/errors';
import { entry, type Outcome, SMALL, TOPIC, use, watch } from '../fake-kafka';

describe('any appends on any Kafka', () => {
  const outcome = fc.record({
    kind: fc.constantFrom(
      'done',
      'done',
      'done',
      'failed',
      'never',
      'retried',
      'unanswered',
      'late',
    ),
    afterMs: fc.integer({ min: 0, max: 6_000 }),
  }) as fc.Arbitrary<Outcome>;
  const call = fc.record({
    waitMs: fc.constantFrom(0, 0, 1, 50, 900, 2_000),
    sizes: fc.array(fc.integer({ min: 0, max: 560 }), { minLength: 1, maxLength: 8 }),
    partitions: fc.array(fc.nat(2), { minLength: 8, maxLength: 8 }),
  });

  it('end once, keep their order and the limits, and are not sent once rejected', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { minLength: 1, maxLength: 25 }),
        fc.array(outcome, { maxLength: 12 }),
        async (calls, outcomes) => {
          const { clock, fatals, log, producer } = use(SMALL);
          producer.outcomes = outcomes;
          const rejectedAtMs = new Map<string, number>();
          const notTaken = new Set<string>();
          const appends = [];
          for (const [number, { partitions, sizes, waitMs }] of calls.entries()) {
            const entries = sizes.map((size, at) =>
              entry(`${number}.${at}`.padEnd(size), partitions[at]),
            );
            const append = log.append(TOPIC, entries);
            append.catch((error: LikestreamError) => {
              for (const { value } of entries) {
                rejectedAtMs.set(value, clock.monotonic());
                if (error.detail?.startsWith('not taken at all')) notTaken.add(value);
              }
            });
            appends.push({ entries, seen: watch(append) });
            await clock.advance(waitMs);
          }
          await clock.advance(40_000);
          for (const { entries, seen } of appends) {
            expect(seen.outcomes).toBe(1);
            const written = entries.map(
              ({ partition }, at) =>
                producer.partitions.get(`${TOPIC}/${partition}`)?.[seen.offsets?.[at] ?? -1],
            );
            if (seen.offsets) expect(written).toEqual(entries.map(({ value }) => value));
          }
          for (const { atMs, bytes, values } of producer.written) {
            expect(bytes).toBeLessThanOrEqual(SMALL.maxRequestBytes);
            expect(values.length).toBeLessThanOrEqual(SMALL.maxRequestEntries);
            for (const value of values) {
              expect(notTaken.has(value)).toBe(false);
              expect(atMs).toBeLessThanOrEqual(rejectedAtMs.get(value) ?? Infinity);
            }
          }
          expectRising(appends);
          expect(fatals).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });

  function expectRising(
    appends: readonly { entries: PartitionEntry[]; seen: { offsets?: readonly number[] } }[],
  ): void {
    const last = new Map<number, number>();
    for (const { entries, seen } of appends) {
      for (const [at, { partition }] of entries.entries()) {
        const offset = seen.offsets?.[at];
        if (offset === undefined) continue;
        expect(offset).toBeGreaterThan(last.get(partition) ?? -1);
        last.set(partition, offset);
      }
    }
  }
});
