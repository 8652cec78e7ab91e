import fc from 'fast-check';
import '../../fixtures/same-runs';
import {
  Beats,
  DEAD_AFTER_MS,
  MAX_READ_GAP_MS,
  MIN_READS,
  RENEWALS_WAIT_MS,
  type ReadTimes,
} from '../../../dispatchers/workers/beats';
import { READ_MS } from '../../../dispatchers/workers/live-workers';
import { RENEW_MS } from '../../../schemas/delivery';
import { VirtualClock } from '../../simulation/virtual-clock';

/** A successful read, with the beat of one worker; or one that failed. */
type Read = ReadTimes & { readonly beat: number | undefined; readonly isFailed: boolean };

const steps = fc.array(
  fc.record({
    waitMs: fc.oneof(
      { weight: 30, arbitrary: fc.integer({ min: 300, max: READ_MS }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 9_000 }) },
    ),
    tookMs: fc.oneof(
      { weight: 30, arbitrary: fc.integer({ min: 0, max: 50 }) },
      { weight: 1, arbitrary: fc.integer({ min: 0, max: 2_500 }) },
    ),
    does: fc.oneof(
      { weight: 30, arbitrary: fc.constant('same' as const) },
      { weight: 1, arbitrary: fc.constantFrom('grow', 'go back', 'lose', 'fail') },
    ),
  }),
  { minLength: 10, maxLength: 40 },
);

/** The rule of the design, computed from the whole history. */
function isDeadAfter(reads: readonly Read[]): boolean {
  const run = reads.slice(reads.findLastIndex(({ isFailed }) => isFailed) + 1);
  const wasInterrupted = run.length < reads.length;
  const from = wasInterrupted ? (run[0]?.endedAt ?? 0) + RENEWALS_WAIT_MS : 0;
  const counted: Read[] = [];
  let beat: number | undefined;
  let before: Read | undefined;
  for (const read of run) {
    const next = read.beat ?? beat;
    const isHalted = before !== undefined && read.endedAt - before.startedAt > MAX_READ_GAP_MS;
    const isEarly = before !== undefined && before.endedAt < from;
    if (next !== beat || isHalted || isEarly) counted.length = 0;
    counted.push(read);
    [beat, before] = [next, read];
  }
  const [first, last] = [counted[0], counted.at(-1)];
  if (!first || !last || counted.length < MIN_READS) return false;
  return last.startedAt - first.endedAt >= DEAD_AFTER_MS && first.endedAt >= from;
}

describe('Beats', () => {
  it('judge a worker dead by the rule only, with any reads, halts and failures', async () => {
    let judgements = 0;
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const clock = new VirtualClock();
        const beats = new Beats(clock);
        const reads: Read[] = [];
        let beat: number | undefined = 50;
        for (const { does, tookMs, waitMs } of all) {
          await clock.advance(waitMs);
          const startedAt = clock.monotonic();
          await clock.advance(tookMs);
          const endedAt = clock.monotonic();
          if (does === 'grow') beat = (beat ?? 50) + 1;
          if (does === 'go back') beat = Math.max(0, (beat ?? 50) - 3);
          const seen = does === 'lose' ? undefined : beat;
          const isFailed = does === 'fail';
          reads.push({ startedAt, endedAt, beat: seen, isFailed });
          if (isFailed) beats.interrupt();
          else beats.note({ startedAt, endedAt }, new Map(seen === undefined ? [] : [['w', seen]]));
          const isDead = isDeadAfter(reads);
          if (isDead) judgements += 1;
          expect(beats.isDead('w')).toBe(isDead);
        }
      }),
      { numRuns: 500 },
    );
    expect(judgements).toBeGreaterThan(100);
  });

  it('judge a silent worker dead within 6.5 s, after an interruption 3 s later', async () => {
    const clock = new VirtualClock();
    const beats = new Beats(clock);
    const deadAfter = async (): Promise<number> => {
      const began = clock.monotonic();
      do {
        await clock.advance(READ_MS);
        const now = clock.monotonic();
        beats.note({ startedAt: now, endedAt: now }, new Map([['w', 4]]));
      } while (!beats.isDead('w'));
      return clock.monotonic() - began;
    };
    expect(await deadAfter()).toBeLessThanOrEqual(6_500);
    beats.interrupt();
    expect(beats.isDead('w')).toBe(false);
    expect(await deadAfter()).toBeLessThanOrEqual(6_500 + RENEWALS_WAIT_MS + READ_MS);
  });

  it('never judge a worker dead that loses two of three renewals', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 0, max: RENEW_MS }), async (phaseMs) => {
        const clock = new VirtualClock();
        const beats = new Beats(clock);
        for (let at = 0; at < 60_000; at += READ_MS) {
          await clock.advance(READ_MS);
          const now = clock.monotonic();
          const beat = Math.floor((now + phaseMs) / (3 * RENEW_MS));
          beats.note({ startedAt: now, endedAt: now }, new Map([['w', beat]]));
          expect(beats.isDead('w')).toBe(false);
        }
      }),
      { numRuns: 30 },
    );
  });

  it('judge a worker that never had a lease, until it is removed', async () => {
    const clock = new VirtualClock();
    const beats = new Beats(clock);
    beats.expect('w');
    for (let read = 0; read < 9; read++) {
      await clock.advance(READ_MS);
      const now = clock.monotonic();
      beats.note({ startedAt: now, endedAt: now }, new Map());
    }
    expect(beats.dead).toEqual(new Map([['w', undefined]]));
    beats.remove('w');
    expect([beats.has('w'), beats.isDead('w'), beats.dead.size]).toEqual([false, false, 0]);
  });
});
