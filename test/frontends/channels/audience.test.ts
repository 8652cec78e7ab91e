import fc from 'fast-check';
import '../../fixtures/same-runs';
import { Audience } from '../../../frontends/channels/audience';
import { Channel } from '../../../frontends/channels/channel';
import { type Row, Session } from '../../../frontends/viewers/session';
import type { Place } from '../../../schemas/place';

const channel = new Channel('video:42');

function aRow(viewer: number): Row {
  const session = new Session(`session-${viewer}`, viewer, undefined, 0);
  const place = { seen: undefined, waitUntil: undefined, missedSince: undefined };
  return { session, channel, ...place, index: 0 };
}

function aPlace(total: number): Place {
  return { total, versions: new Map() };
}

const [FIRST, SECOND, THIRD] = [aPlace(1), aPlace(2), aPlace(3)];

/** An audience whose rows are all in step, at the first place. */
function inStep(size: number) {
  const audience = new Audience();
  const rows = Array.from({ length: size }, (_, at) => aRow(at + 1));
  for (const row of rows) {
    audience.add(row);
    audience.joinCohort(row, FIRST);
  }
  return { audience, rows };
}

const numbers = (rows: readonly Row[]): number[] => rows.map(({ session }) => session.viewer);

describe('an audience', () => {
  it('passes those in step, each once, and nobody else', () => {
    const { audience, rows } = inStep(30);
    for (let viewer = 31; viewer <= 50; viewer++) audience.add(aRow(viewer));
    audience.begin();
    expect(passAll(audience, SECOND)).toEqual(numbers(rows));
    expect(rows.map((row) => audience.cohortOf(row)?.place)).toEqual(rows.map(() => SECOND));
  });

  it('passes nobody who fell in since the pass began, nor who fell out', () => {
    const { audience, rows } = inStep(2);
    const [one, other] = rows as [Row, Row];
    const late = aRow(3);
    audience.add(late);
    audience.begin();
    audience.joinCohort(late, SECOND);
    audience.leaveCohort(one);
    expect(passAll(audience, SECOND)).toEqual([2]);
    const places = [one, other, late].map((row) => audience.cohortOf(row)?.place);
    expect(places).toEqual([undefined, SECOND, SECOND]);
  });

  it('keeps apart who was passed before the place moved on, and passes those first in the next', () => {
    const { audience, rows } = inStep(9);
    audience.begin();
    const early = [...passed(audience, 4, SECOND)];
    const late = passAll(audience, THIRD);
    expect([...early, ...late].sort((a, b) => a - b)).toEqual(numbers(rows));
    audience.begin();
    expect(passAll(audience, THIRD)).toEqual(early.sort((a, b) => a - b));
    expect(new Set(rows.map((row) => audience.cohortOf(row))).size).toBe(1);
  });

  it('says since when each cohort has missed something', () => {
    const { audience, rows } = inStep(9);
    audience.missed(70);
    audience.begin();
    const early = new Set(passed(audience, 4, SECOND));
    audience.missed(90);
    for (const row of rows) {
      const since = early.has(row.session.viewer) ? 90 : 70;
      expect(audience.cohortOf(row)?.missedSince).toBe(since);
    }
  });

  it('finds the row of a viewer among those it has just passed, when others fell out meanwhile', () => {
    const { audience } = inStep(9);
    audience.begin();
    const some = passed(audience, 4, SECOND);
    for (const viewer of [...some]) {
      const row = audience.rowOf(viewer, some);
      expect(row?.session.viewer).toBe(viewer);
      if (row) audience.leaveCohort(row);
    }
    expect(audience.sizeInCohorts).toBe(5);
  });
});

const step = fc.record({
  do: fc.constantFrom('add', 'remove', 'in', 'out', 'begin', 'pass', 'pass', 'other', 'change'),
  at: fc.nat({ max: 30 }),
});
type Step = typeof step extends fc.Arbitrary<infer S> ? S : never;

/** An audience, and where each row has to be. */
class Story {
  readonly audience = new Audience();
  readonly places = new Map<Row, Place | undefined>();
  /** Of the others those whom the pass has not come to. */
  private readonly toCome = new Set<Row>();
  private place = aPlace(0);
  private isPassing = false;
  private next = 1;

  take({ do: what, at }: Step): void {
    const row = [...this.places.keys()][at % Math.max(1, this.places.size)];
    if (what === 'add') this.add();
    else if (what === 'begin') this.begin();
    else if (what === 'pass') this.pass(at + 1);
    else if (what === 'other') this.passOther();
    else if (what === 'change') this.change();
    else if (row && what === 'remove') this.remove(row);
    else if (row && what === 'in') this.fallIn(row);
    else if (row) this.fallOut(row);
  }

  private add(): void {
    const row = aRow(this.next++);
    this.audience.add(row);
    this.places.set(row, undefined);
  }

  private begin(): void {
    if (!this.isPassing) this.audience.begin();
    this.isPassing = true;
  }

  private change(): void {
    // A channel's place moves on when a pass begins, or in the middle of one.
    if (!this.isPassing) return;
    this.place = aPlace(this.next++);
    this.audience.missed(this.place.total);
    for (const [row, place] of this.places) if (!place) this.toCome.add(row);
  }

  private passOther(): void {
    const row = this.audience.nextIndividual();
    if (row) expect(this.toCome.delete(row)).toBe(true);
    else expect(this.toCome.size).toBe(0);
  }

  private pass(most: number): void {
    const cohort = this.isPassing ? this.audience.next(this.place) : undefined;
    this.isPassing = cohort !== undefined;
    if (!cohort) return;
    const totals = [...this.places.values()].flatMap((place) => place?.total ?? []);
    expect(cohort.place.total).toBe(Math.min(...totals));
    const moved = new Set(this.audience.pass(most, this.place));
    expect(moved.size).toBeGreaterThan(0);
    for (const [row, place] of this.places) {
      if (!moved.has(row.session.viewer)) continue;
      expect(place).toBe(cohort.place);
      this.places.set(row, this.place);
    }
  }

  private remove(row: Row): void {
    this.audience.remove(row);
    this.places.delete(row);
    this.toCome.delete(row);
  }

  private fallIn(row: Row): void {
    this.audience.joinCohort(row, this.place);
    this.places.set(row, this.places.get(row) ?? this.place);
    this.toCome.delete(row);
  }

  private fallOut(row: Row): void {
    this.audience.leaveCohort(row);
    if (this.places.get(row)) this.toCome.add(row);
    this.places.set(row, undefined);
  }
}

describe('whatever happens to an audience', () => {
  it('every row stands with those at its place, and the oldest place is passed first', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200, size: 'max' }), (told) => {
        const story = new Story();
        for (const one of told) {
          story.take(one);
          expectAs(story.audience, story.places);
        }
      }),
    );
  });
});

function passed(audience: Audience, most: number, place: Place): Int32Array {
  return audience.next(place) ? audience.pass(most, place) : new Int32Array();
}

function passAll(audience: Audience, place: Place): number[] {
  const all: number[] = [];
  for (;;) {
    const some = passed(audience, 7, place);
    if (some.length === 0) return all.sort((a, b) => a - b);
    all.push(...some);
  }
}

function expectAs(audience: Audience, model: ReadonlyMap<Row, Place | undefined>): void {
  expect(audience.size).toBe(model.size);
  expect(audience.sizeInCohorts).toBe([...model.values()].filter(Boolean).length);
  for (const [row, place] of model) {
    expect(audience.cohortOf(row)?.place).toBe(place);
  }
}
