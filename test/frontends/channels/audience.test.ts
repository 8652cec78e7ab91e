import fc from 'fast-check';
import '../../fixtures/same-runs';
import { Audience, type AudienceRow } from '../../../frontends/channels/audience';
import type { SeenState } from '../../../frontends/channels/sent-state';

function aRow(viewer: number): AudienceRow {
  return { viewer, index: 0 };
}

function aState(total: number): SeenState {
  return { place: new Map([['likes', { total, versions: new Map() }]]) };
}

function totalIn({ place }: SeenState): number {
  return place.get('likes')?.total ?? Number.NaN;
}

const [FIRST, SECOND, THIRD] = [aState(1), aState(2), aState(3)];

/** An audience whose rows are all in one cohort, at the first state. */
function oneCohort(size: number) {
  const audience = new Audience<AudienceRow>();
  const rows = Array.from({ length: size }, (_, at) => aRow(at + 1));
  for (const row of rows) {
    audience.add(row);
    audience.joinCohort(row, FIRST);
  }
  return { audience, rows };
}

const numbers = (rows: readonly AudienceRow[]): number[] => rows.map(({ viewer }) => viewer);

describe('an audience', () => {
  it('gives out each row of its cohorts once, and no individual row', () => {
    const { audience, rows } = oneCohort(30);
    for (let viewer = 31; viewer <= 50; viewer++) audience.add(aRow(viewer));
    audience.startSweep();
    expect(sendAll(audience, SECOND)).toEqual(numbers(rows));
    expect(rows.map((row) => audience.cohortOf(row)?.sent)).toEqual(rows.map(() => SECOND));
  });

  it('does not give out rows that joined or left a cohort after the sweep began', () => {
    const { audience, rows } = oneCohort(2);
    const [one, other] = rows as [AudienceRow, AudienceRow];
    const late = aRow(3);
    audience.add(late);
    audience.startSweep();
    audience.joinCohort(late, SECOND);
    audience.leaveCohort(one);
    expect(sendAll(audience, SECOND)).toEqual([2]);
    const places = [one, other, late].map((row) => audience.cohortOf(row)?.sent);
    expect(places).toEqual([undefined, SECOND, SECOND]);
  });

  it('keeps rows sent before a change of the target as a cohort for the next sweep', () => {
    const { audience, rows } = oneCohort(9);
    audience.startSweep();
    const early = [...batch(audience, 4, SECOND)];
    const late = sendAll(audience, THIRD);
    expect([...early, ...late].sort((a, b) => a - b)).toEqual(numbers(rows));
    audience.startSweep();
    expect(sendAll(audience, THIRD)).toEqual(early.sort((a, b) => a - b));
    expect(new Set(rows.map((row) => audience.cohortOf(row))).size).toBe(1);
  });

  it('keeps, by feed, the time of the oldest entry that each cohort was not sent', () => {
    const { audience, rows } = oneCohort(9);
    audience.markUnsent([70, Number.POSITIVE_INFINITY]);
    audience.startSweep();
    const early = new Set(batch(audience, 4, SECOND));
    audience.markUnsent([90, 80]);
    for (const row of rows) {
      const since = early.has(row.viewer) ? [90, 80] : [70, 80];
      expect(audience.cohortOf(row)?.missedSince).toEqual(since);
    }
  });

  it('finds the row of a viewer of the last batch after other rows left the cohort', () => {
    const { audience } = oneCohort(9);
    audience.startSweep();
    const some = batch(audience, 4, SECOND);
    for (const viewer of [...some]) {
      const row = audience.rowOf(viewer, some);
      expect(row?.viewer).toBe(viewer);
      if (row) audience.leaveCohort(row);
    }
    expect(audience.sizeInCohorts).toBe(5);
  });
});

const step = fc.record({
  do: fc.constantFrom(
    'add',
    'remove',
    'join',
    'leave',
    'begin',
    'send',
    'send',
    'individual',
    'change',
  ),
  at: fc.nat({ max: 30 }),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** An audience and its model: the state of each row in a cohort; undefined for individual rows. */
class Story {
  readonly audience = new Audience<AudienceRow>();
  readonly states = new Map<AudienceRow, SeenState | undefined>();
  /** The individual rows that the sweep must still send to. */
  private readonly toSend = new Set<AudienceRow>();
  private target = aState(0);
  private isSweeping = false;
  private next = 1;

  take({ do: what, at }: Step): void {
    const row = [...this.states.keys()][at % Math.max(1, this.states.size)];
    if (what === 'add') this.add();
    else if (what === 'begin') this.begin();
    else if (what === 'send') this.send(at + 1);
    else if (what === 'individual') this.sendIndividual();
    else if (what === 'change') this.change();
    else if (row && what === 'remove') this.remove(row);
    else if (row && what === 'join') this.join(row);
    else if (row) this.leave(row);
  }

  private add(): void {
    const row = aRow(this.next++);
    this.audience.add(row);
    this.states.set(row, undefined);
  }

  private begin(): void {
    if (!this.isSweeping) this.audience.startSweep();
    this.isSweeping = true;
  }

  private change(): void {
    // The target changes when a sweep begins, or in the middle of one.
    if (!this.isSweeping) return;
    this.target = aState(this.next++);
    this.audience.markUnsent([totalIn(this.target)]);
    for (const [row, state] of this.states) if (!state) this.toSend.add(row);
  }

  private sendIndividual(): void {
    const row = this.audience.nextIndividual();
    if (row) expect(this.toSend.delete(row)).toBe(true);
    else expect(this.toSend.size).toBe(0);
  }

  private send(max: number): void {
    const cohort = this.isSweeping ? this.audience.nextCohort(this.target) : undefined;
    this.isSweeping = cohort !== undefined;
    if (!cohort) return;
    const totals = [...this.states.values()].flatMap((state) => (state ? totalIn(state) : []));
    expect(totalIn(cohort.sent)).toBe(Math.min(...totals));
    const moved = new Set(this.audience.moveBatch(max, this.target));
    expect(moved.size).toBeGreaterThan(0);
    for (const [row, state] of this.states) {
      if (!moved.has(row.viewer)) continue;
      expect(state).toBe(cohort.sent);
      this.states.set(row, this.target);
    }
  }

  private remove(row: AudienceRow): void {
    this.audience.remove(row);
    this.states.delete(row);
    this.toSend.delete(row);
  }

  private join(row: AudienceRow): void {
    this.audience.joinCohort(row, this.target);
    this.states.set(row, this.states.get(row) ?? this.target);
    this.toSend.delete(row);
  }

  private leave(row: AudienceRow): void {
    this.audience.leaveCohort(row);
    if (this.states.get(row)) this.toSend.add(row);
    this.states.set(row, undefined);
  }
}

describe('whatever happens to an audience', () => {
  it('each row is in the cohort of its state, and the oldest state is given out first', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (steps) => {
        const story = new Story();
        for (const one of steps) {
          story.take(one);
          expectAs(story.audience, story.states);
        }
      }),
    );
  });
});

function batch(audience: Audience<AudienceRow>, max: number, target: SeenState): Int32Array {
  return audience.nextCohort(target) ? audience.moveBatch(max, target) : new Int32Array();
}

function sendAll(audience: Audience<AudienceRow>, target: SeenState): number[] {
  const all: number[] = [];
  for (;;) {
    const some = batch(audience, 7, target);
    if (some.length === 0) return all.sort((a, b) => a - b);
    all.push(...some);
  }
}

function expectAs(
  audience: Audience<AudienceRow>,
  model: ReadonlyMap<AudienceRow, SeenState | undefined>,
): void {
  expect(audience.size).toBe(model.size);
  expect(audience.sizeInCohorts).toBe([...model.values()].filter(Boolean).length);
  for (const [row, state] of model) {
    expect(audience.cohortOf(row)?.sent).toBe(state);
  }
}
