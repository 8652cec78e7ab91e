import type { Viewer } from '../../adapters/viewer-sockets';
import { grown } from '../../runtime/typed-arrays';
import type { Place } from '../../schemas/place';
import type { Row } from '../viewers/session';

const FIRST_ROOM = 8;

/** Viewers who were sent the same last: rows of their channel's table that stand side by side. */
export interface Cohort {
  readonly place: Place;
  /** When the oldest like that came since was accepted, ms since the epoch; infinite while none did. */
  missedSince: number;
  /** Its first row; it ends where the next one starts. */
  start: number;
}

/**
 * A channel's rows in one table: those in step, by cohorts, then the others. A pass goes through the
 * cohorts from the last to the first, and then through the others. Who is passed changes sides by the
 * border moving over its row, and who comes or goes changes places with the row at each border on its
 * way: so a pass reads numbers that stand side by side, and misses nobody, whatever happens meanwhile.
 */
export class Audience {
  private readonly rows: Row[] = [];
  private viewers = new Int32Array(FIRST_ROOM);
  private readonly cohorts: Cohort[] = [];
  /** So many cohorts, the first ones, the pass under way is still to come to. */
  private cohortsToSend = 0;
  /** Rows below are in step. */
  private sharedCount = 0;
  /** The pass is still to come to others below; never less than `inStep`. */
  private othersToSend = 0;

  get size(): number {
    return this.rows.length;
  }

  /** How many are in step. */
  get sizeInCohorts(): number {
    return this.sharedCount;
  }

  /** Whether the pass has come to all who are in step. */
  get isPassed(): boolean {
    return this.cohortsToSend === 0;
  }

  /** Undefined for a row that is not in step. */
  cohortOf(row: Row): Cohort | undefined {
    return row.index < this.sharedCount ? this.cohorts[this.cohortAt(row.index)] : undefined;
  }

  add(row: Row): void {
    const { length } = this.rows;
    if (length === this.viewers.length) {
      this.viewers = grown(this.viewers, new Int32Array(length * 2));
    }
    this.rows.push(row);
    this.put(row, length);
  }

  remove(row: Row): void {
    this.leaveCohort(row);
    if (row.index < this.othersToSend) {
      this.othersToSend -= 1;
      this.swap(row.index, this.othersToSend);
    }
    this.swap(row.index, this.rows.length - 1);
    this.rows.pop();
  }

  /** The row has been brought to the newest place, which it shares with all who were passed last. */
  joinCohort(row: Row, place: Place): void {
    if (row.index < this.sharedCount) return;
    if (row.index >= this.othersToSend) {
      this.swap(row.index, this.othersToSend);
      this.othersToSend += 1;
    }
    const newest = this.arrivals(place);
    this.swap(row.index, this.sharedCount);
    this.sharedCount += 1;
    for (let at = this.cohorts.length - 1; this.cohorts[at] !== newest; at--) {
      this.swap(row.index, this.startOf(at));
      this.moveStart(at, 1);
    }
  }

  /** The row has a place of its own from now on. */
  leaveCohort(row: Row): void {
    if (row.index >= this.sharedCount) return;
    const first = this.cohortAt(row.index);
    for (let at = first + 1; at <= this.cohorts.length; at++) {
      this.swap(row.index, this.startOf(at) - 1);
      this.moveStart(at, -1);
    }
    if (this.startOf(first) === this.startOf(first + 1)) this.drop(first);
  }

  /** A pass begins: it has to come to all who are in step. */
  begin(): void {
    this.cohortsToSend = this.cohorts.length;
  }

  /** A like of that time has come, which nobody was sent yet: the others are all to be brought on. */
  missed(t: number): void {
    this.othersToSend = this.rows.length;
    for (const cohort of this.cohorts) cohort.missedSince = Math.min(cohort.missedSince, t);
  }

  /** The next of the others to be brought on; none when all have been. */
  nextIndividual(): Row | undefined {
    if (this.othersToSend === this.sharedCount) return undefined;
    this.othersToSend -= 1;
    return this.rows[this.othersToSend];
  }

  /** Who is passed next of those in step; none when all are at `place`. */
  next(place: Place): Cohort | undefined {
    const next = this.cohorts[this.cohortsToSend - 1];
    if (next && next.place !== place) return next;
    // Those who were there already and those who were brought there are one cohort.
    if (next && this.cohorts[this.cohortsToSend]?.place === place) this.drop(this.cohortsToSend);
    this.cohortsToSend = 0;
    return undefined;
  }

  /** Moves at most so many of the next cohort to `place`: their numbers, valid until the next call. */
  pass(most: number, place: Place): Int32Array {
    const end = this.startOf(this.cohortsToSend);
    const start = Math.max(this.startOf(this.cohortsToSend - 1), end - most);
    this.arrivals(place).start = start;
    if (start === this.startOf(this.cohortsToSend - 1)) this.drop(this.cohortsToSend - 1);
    return this.viewers.subarray(start, end);
  }

  /** The row of a viewer among those that `pass` gave last. */
  rowOf(viewer: Viewer, passed: Int32Array): Row | undefined {
    const start = passed.byteOffset / Int32Array.BYTES_PER_ELEMENT;
    return this.rows[start + passed.indexOf(viewer)];
  }

  /** The cohort of those at the newest place. */
  private arrivals(place: Place): Cohort {
    const newest = this.cohorts[this.cohortsToSend];
    if (newest?.place === place) return newest;
    const start = this.startOf(this.cohortsToSend);
    const made = { place, missedSince: Number.POSITIVE_INFINITY, start };
    this.cohorts.splice(this.cohortsToSend, 0, made);
    return made;
  }

  private cohortAt(index: number): number {
    return this.cohorts.findLastIndex(({ start }) => start <= index);
  }

  private startOf(at: number): number {
    return this.cohorts[at]?.start ?? this.sharedCount;
  }

  private moveStart(at: number, by: number): void {
    const cohort = this.cohorts[at];
    if (cohort) cohort.start += by;
    else this.sharedCount += by;
  }

  private drop(at: number): void {
    this.cohorts.splice(at, 1);
    if (at < this.cohortsToSend) this.cohortsToSend -= 1;
  }

  private swap(one: number, other: number): void {
    const [row, second] = [this.rows[one], this.rows[other]];
    if (one === other || !row || !second) return;
    this.put(row, other);
    this.put(second, one);
  }

  private put(row: Row, index: number): void {
    this.rows[index] = row;
    this.viewers[index] = row.session.viewer;
    row.index = index;
  }
}
