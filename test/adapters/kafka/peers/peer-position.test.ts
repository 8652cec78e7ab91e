import fc from 'fast-check';
import '../../../fixtures/same-runs';
import { PeerPosition } from '../../../../adapters/kafka/peers/peer-position';
import type { LogRecord } from '../../../../adapters/log-source';
import type { Position } from '../../../../schemas/position';
import { STUCK_RETENTIONS } from '../../../../schemas/retention';

const RETENTION_MS = 1_000;
const START = 1_700_000_000_000;
const YEAR_MS = 365 * 24 * 3_600_000;

function recordAt(offset: number, appendedAt = START, value = `${offset}`): LogRecord {
  return { offset, key: 'video:a', value, appendedAt };
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ kind: fc.constant('append' as const) }) },
  {
    weight: 6,
    arbitrary: fc.record({ kind: fc.constant('wait' as const), ms: fc.nat(RETENTION_MS) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('step' as const),
      skewMs: fc.oneof(
        fc.integer({ min: -3 * RETENTION_MS, max: 3 * RETENTION_MS }),
        fc.constantFrom(YEAR_MS, -YEAR_MS),
      ),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('read' as const), most: fc.nat(5) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('settle' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('takeover' as const) }) },
);
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** A mirrored topic whose clock steps, and its owners. */
class History {
  readonly broken: string[] = [];
  private readonly log: LogRecord[] = [];
  /** By offset, the monotonic time at which it was first consumed. */
  private readonly consumedAt: number[] = [];
  private skewMs = 0;
  private monotonic = 0;
  private saved: Position = { done: 0, from: 0 };
  private position = new PeerPosition(this.saved, RETENTION_MS);
  private next = 0;

  do(each: Step): void {
    if (each.kind === 'append') {
      this.log.push(recordAt(this.log.length, START + this.monotonic + this.skewMs));
    }
    if (each.kind === 'wait') this.monotonic += each.ms;
    if (each.kind === 'step') this.skewMs = each.skewMs;
    if (each.kind === 'read') this.read(each.most + 1);
    if (each.kind === 'settle') this.settle();
    if (each.kind === 'takeover') {
      this.position = new PeerPosition(this.saved, RETENTION_MS);
      this.next = this.position.readFrom;
    }
  }

  private read(most: number): void {
    const records = this.log.slice(this.next, this.next + most);
    this.position.consume(records, this.monotonic);
    for (const { offset } of records) this.consumedAt[offset] ??= this.monotonic;
    this.next += records.length;
  }

  private settle(): void {
    this.saved = this.position.positionToCommit(this.monotonic).position;
    const { done, from, logTime = 0, lookUpUntil = 0 } = this.saved;
    if (from > done) this.broken.push(`from ${from} is after done ${done}`);
    for (const { appendedAt, offset } of this.log.slice(0, from)) {
      const age = this.monotonic - (this.consumedAt[offset] ?? Number.POSITIVE_INFINITY);
      if (age < RETENTION_MS) this.broken.push(`${offset} was consumed ${age} ms ago`);
      const until = appendedAt + RETENTION_MS;
      if (logTime < until && lookUpUntil < until) this.broken.push(`${offset} is still needed`);
    }
  }
}

describe('the offset from which a successor reads a peer’s updates', () => {
  it('skips only records that are old by both clocks, however the clocks step', () => {
    const histories = fc.array(step, { maxLength: 120, size: 'max' });
    const kept = fc.property(histories, (steps) => {
      const history = new History();
      for (const each of steps) history.do(each);
      expect(history.broken).toEqual([]);
    });
    fc.assert(kept, { numRuns: 3_000 });
  });

  it('stays if the wall clock jumps, and if only monotonic time passes', () => {
    const jumped = new PeerPosition({ done: 0, from: 0 }, RETENTION_MS);
    jumped.consume([recordAt(0)], 0);
    jumped.consume([recordAt(1, START + YEAR_MS)], 100);
    jumped.positionToCommit(100);
    expect(jumped.positionToCommit(200).position).toMatchObject({ done: 2, from: 0 });
    const waited = new PeerPosition({ done: 0, from: 0 }, RETENTION_MS);
    waited.consume([recordAt(0)], 0);
    waited.positionToCommit(0);
    expect(waited.positionToCommit(2 * RETENTION_MS).position).toMatchObject({ done: 1, from: 0 });
  });

  it('advances, with all ids looked up, after a long time without new records', () => {
    const position = new PeerPosition({ done: 0, from: 0 }, RETENTION_MS);
    position.consume([recordAt(0)], 0);
    position.positionToCommit(0);
    const { from, lookUpUntil } = position.positionToCommit(
      STUCK_RETENTIONS * RETENTION_MS,
    ).position;
    expect(from).toBe(1);
    expect(lookUpUntil).toBe(START + RETENTION_MS);
  });

  it('is committed one call late, with the mark of the record before it', () => {
    const position = new PeerPosition({ done: 0, from: 0 }, RETENTION_MS);
    position.consume([recordAt(0), recordAt(1)], 0);
    expect(position.positionToCommit(0)).toEqual({
      position: { done: 0, from: 0 },
      mark: undefined,
    });
    const { mark, position: saved } = position.positionToCommit(0);
    expect(saved).toEqual({ done: 2, from: 0, logTime: START });
    const successor = new PeerPosition(saved, RETENTION_MS, mark);
    expect(successor.isReplacedBy([recordAt(0), recordAt(1)])).toBe(false);
    expect(successor.isReplacedBy([recordAt(1, START, 'other')])).toBe(true);
    expect([0, 1, 2].map((offset) => successor.wasConsumed(offset))).toEqual([true, true, false]);
  });
});
