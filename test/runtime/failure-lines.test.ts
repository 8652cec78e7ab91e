import fc from 'fast-check';
import '../fixtures/same-runs';
import { FailureLines, FORGET_MS, LINE_EVERY_MS, MAX_KINDS } from '../../runtime/failure-lines';
import { failureReporter, type Logger, problemReporter } from '../../runtime/log-lines';
import { LikestreamError } from '../../schemas/errors';
import { VirtualClock } from '../simulation/virtual-clock';

const error = new LikestreamError('store_unavailable');

describe('FailureLines', () => {
  it('writes one line per second and kind, and counts the suppressed failures', async () => {
    const steps = fc.array(fc.record({ kind: fc.nat(3), ms: fc.nat(700) }), { maxLength: 200 });
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        const clock = new VirtualClock();
        const lines = new FailureLines(clock);
        const last = new Map<number, number>();
        let reported = 0;
        const report = (kind: number): void => {
          const line = lines.next(`doing ${kind}`, error.code, error);
          if (!line) return;
          const before = last.get(kind) ?? Number.NEGATIVE_INFINITY;
          expect(clock.monotonic() - before).toBeGreaterThanOrEqual(LINE_EVERY_MS);
          last.set(kind, clock.monotonic());
          reported += 1 + (line.suppressed ?? 0);
        };
        for (const { kind, ms } of all) {
          report(kind);
          await clock.advance(ms);
        }
        await clock.advance(LINE_EVERY_MS);
        for (const kind of [0, 1, 2, 3]) report(kind);
        expect(reported).toBe(all.length + 4);
      }),
    );
  });

  it('has the stack only in the first line of a kind, until the kind expires', async () => {
    const clock = new VirtualClock();
    const lines = new FailureLines(clock);
    expect(lines.next('save', 'internal', error)).toEqual({ err: error });
    expect(lines.next('save', 'internal', error)).toBeUndefined();
    await clock.advance(LINE_EVERY_MS);
    const why = 'LikestreamError: The store cannot be reached';
    expect(lines.next('save', 'internal', error)).toEqual({ why, suppressed: 1 });
    expect(lines.next('save', 'other', error)).toEqual({ err: error });
    await clock.advance(FORGET_MS + 1);
    expect(lines.next('save', 'internal', error)).toEqual({ err: error });
  });

  it('keeps a bounded number of kinds, and evicts the oldest', () => {
    const lines = new FailureLines(new VirtualClock());
    for (let kind = 0; kind <= MAX_KINDS; kind++) lines.next('save', String(kind), error);
    expect(lines.next('save', '1', error)).toBeUndefined();
    expect(lines.next('save', '0', error)).toEqual({ err: error });
    expect(lines.next('save', '1', error)).toBeUndefined();
  });
});

describe('reporters of failures', () => {
  it('count every failure, and write a few lines', () => {
    const write = jest.fn();
    const count = jest.fn();
    const log = { warn: write, error: write } as unknown as Logger;
    const clock = new VirtualClock();
    const failed = failureReporter(log, count, clock);
    const answered = problemReporter(log, count, clock);
    for (let at = 0; at < 1_000; at++) failed('save', error);
    for (let at = 0; at < 1_000; at++) answered(error);
    expect(count).toHaveBeenCalledTimes(2_000);
    expect(write.mock.calls).toEqual([
      [{ doing: 'save', code: error.code, err: error }, 'failed, will be tried again'],
      [{ code: error.code, why: 'The store cannot be reached' }, 'answered with a problem'],
    ]);
  });

  it('write the stack of an answer only if it was not meant, or has a cause', () => {
    const write = jest.fn();
    const answered = problemReporter({ error: write } as unknown as Logger, () => {});
    const meant = new LikestreamError('log_refused', 'the disk took longer than 3 s');
    const caused = new LikestreamError('log_unavailable', 'EIO', { cause: new Error('EIO') });
    const fault = new LikestreamError('internal', 'a fault');
    for (const each of [meant, caused, fault]) answered(each);
    const why = 'The event log takes nothing now: the disk took longer than 3 s';
    expect(write.mock.calls.map(([line]) => line)).toEqual([
      { code: 'log_refused', why },
      { code: 'log_unavailable', err: caused },
      { code: 'internal', err: fault },
    ]);
  });
});
