import fc from 'fast-check';
import '../../fixtures/same-runs';
import type { Fingerprint } from '../../../dispatchers/owner/fingerprints';
import { SeenIds } from '../../../dispatchers/owner/seen-ids';
import { type Now, STUCK_RETENTIONS } from '../../../schemas/retention';

const RETENTION_MS = 1_000;
const ids = fc.bigInt({ min: 0n, max: 2n ** 64n - 1n });

/** Both clocks at the same reading. */
const both = (time: number): Now => ({ logTime: time, monotonic: time });

/** The seen ids, by fingerprints that are given as 64 bits. */
function seenIds(limits: { maxIds?: number; maxFutureIds?: number } = {}) {
  const seen = new SeenIds({ retentionMs: RETENTION_MS, ...limits });
  return {
    note: (id: bigint, until: number, now: Now) => seen.note(fingerprint(id), until, now),
    has: (id: bigint) => seen.has(fingerprint(id)),
    evict: (now: Now) => seen.evict(now),
    isIncomplete: (logTime: number) => seen.isIncomplete(logTime),
    isFutureIncomplete: (logTime: number) => seen.isFutureIncomplete(logTime),
    size: () => seen.size,
  };
}

function fingerprint(id: bigint): Fingerprint {
  return { high: Number(BigInt.asIntN(32, id >> 32n)), low: Number(BigInt.asIntN(32, id)) };
}

describe('an id that was noted', () => {
  it('is known, and no other id is, even with the same lower half', () => {
    const lower = fc.bigInt(0n, 2n ** 32n - 1n);
    fc.assert(
      fc.property(fc.uniqueArray(ids, { maxLength: 40 }), lower, (of, low) => {
        const seen = seenIds();
        const alike = [...new Set(of.map((id) => ((id >> 32n) << 32n) | low))].filter(Boolean);
        for (const id of alike) expect(seen.note(id, 500, both(0))).toBe(true);
        for (const id of alike) expect(seen.note(id, 500, both(0))).toBe(false);
      }),
    );
  });

  it('is known until the log’s time passes its limit, with any steps of both clocks', () => {
    const step = fc.record({
      id: fc.bigInt(1n, 40n),
      ahead: fc.integer({ min: -500, max: 5_000 }),
      logTime: fc.integer({ min: 0, max: 700 }),
      monotonic: fc.integer({ min: 0, max: 700 }),
    });
    fc.assert(
      fc.property(
        fc.array(step, { maxLength: 120 }),
        fc.integer({ min: 2, max: 30 }),
        (all, max) => {
          const seen = seenIds({ maxIds: max, maxFutureIds: 5 });
          const needed = new Map<bigint, number>();
          const now = { logTime: 0, monotonic: 0 };
          for (const { ahead, id, logTime, monotonic } of all) {
            now.logTime += logTime;
            now.monotonic += monotonic;
            const until = now.logTime + ahead;
            if (seen.note(id, until, now)) needed.set(id, until);
            seen.evict(now);
            for (const [known, last] of needed) {
              const mayBeDropped =
                seen.isIncomplete(now.logTime) || seen.isFutureIncomplete(now.logTime);
              if (last > now.logTime && !mayBeDropped) expect(seen.has(known)).toBe(true);
            }
          }
        },
      ),
    );
  });

  it('is evicted once both clocks have passed it', () => {
    const seen = seenIds();
    seen.note(1n, 900, both(0));
    for (let time = 0; time < 5 * RETENTION_MS; time += 100) {
      seen.note(BigInt(1_000 + time), time + 900, both(time));
      seen.evict(both(time));
    }
    expect(seen.has(1n)).toBe(false);
    expect(seen.size()).toBeLessThan(30);
  });

  it.each([
    ['the log’s time', (time: number) => ({ logTime: 10, monotonic: time / 10 })],
    ['the monotonic clock', (time: number) => ({ logTime: time, monotonic: 10 })],
  ])('is not evicted while %s stands still', (_, at) => {
    const seen = seenIds();
    seen.note(1n, 900, at(0));
    for (let time = 0; time < 9 * RETENTION_MS; time += 100) {
      seen.note(BigInt(1_000 + time), 900, at(time));
      seen.evict(at(time));
    }
    expect(seen.has(1n)).toBe(true);
  });
});

describe('ids that are dropped early', () => {
  it('are those of the older generation if the newer one is full; then all are looked up', () => {
    const seen = seenIds({ maxIds: 10 });
    for (let id = 1n; id <= 20n; id++) {
      seen.note(id, 500, both(0));
      seen.evict(both(0));
    }
    expect(seen.isIncomplete(0)).toBe(true);
    expect(seen.isIncomplete(499)).toBe(true);
    expect(seen.isIncomplete(500)).toBe(false);
    expect(seen.size()).toBeLessThanOrEqual(20);
  });

  it('are none if no needed id is dropped', () => {
    const seen = seenIds({ maxIds: 10 });
    for (let id = 1n; id <= 10n; id++) seen.note(id, 500, both(0));
    seen.evict(both(0));
    expect(seen.isIncomplete(0)).toBe(false);
    expect(seen.has(1n)).toBe(true);
  });

  it('are those that log time does not pass because its clock was years ahead once', () => {
    const seen = seenIds();
    const year = 365 * 24 * 3_600_000;
    seen.note(1n, year + 500, { logTime: year, monotonic: 0 });
    for (let time = 0; time <= (STUCK_RETENTIONS + 4) * RETENTION_MS; time += 100) {
      seen.note(BigInt(1_000 + time), time + 900, { logTime: year, monotonic: time });
      seen.evict({ logTime: year, monotonic: time });
    }
    expect(seen.has(1n)).toBe(false);
    expect(seen.isIncomplete(year)).toBe(true);
    expect(seen.isIncomplete(year + 500)).toBe(false);
  });
});

describe('ids of the future', () => {
  it('do not prevent the eviction of a generation', () => {
    const seen = seenIds();
    seen.note(1n, 100 * RETENTION_MS, both(0));
    for (let time = 0; time < 9 * RETENTION_MS; time += 10) {
      seen.note(BigInt(1_000 + time), time + 900, both(time));
      seen.evict(both(time));
    }
    expect(seen.has(1n)).toBe(true);
    expect(seen.size()).toBeLessThan(400);
    seen.evict(both(100 * RETENTION_MS));
    expect(seen.has(1n)).toBe(false);
  });

  it('are dropped if there are too many; then their channels’ ids are looked up', () => {
    const seen = seenIds({ maxFutureIds: 3 });
    for (let id = 1n; id <= 4n; id++) seen.note(id, 5_000, both(0));
    seen.evict(both(0));
    expect(seen.has(1n)).toBe(false);
    expect([seen.isFutureIncomplete(4_999), seen.isFutureIncomplete(5_000)]).toEqual([true, false]);
    expect(seen.isIncomplete(0)).toBe(false);
  });
});
