import type { Viewer } from '../../adapters/viewer-sockets';
import type { SeenState } from './sent-state';
import { earliest, type Times } from './times';

const FIRST_CAPACITY = 8;

/** A row of an audience: a viewer in the channel. */
export interface AudienceRow {
  readonly viewer: Viewer;
  /** The row's position in the table; written by the audience alone. */
  index: number;
}

interface CohortRange {
  readonly sent: SeenState;
  /** By feed, the time of the oldest entry that it was not sent; undefined if there is none. */
  missedSince: Times | undefined;
  /** The index of its first row; it ends where the next cohort starts. */
  start: number;
}

/** Viewers that were last sent the same state; their rows are adjacent in the table. */
export type Cohort = Readonly<CohortRange>;

/**
 * The rows of a view in one table: first the cohorts, then the individual rows, whose frames are
 * their own. This is the table during a sweep, with two cohorts to send:
 *
 *     index 0                                  sharedCount      othersToSend          size
 *           |                                  |                |                     |
 *           | cohort 0 | cohort 1 | cohort 2   | individuals    | individuals         |
 *           | to send  | to send  | at target  | to send        | sent, full, waiting |
 *                      ^          ^
 *                      start of 1 start of 2; cohortsToSend = 2
 *                           <- the sweep                   <- the sweep
 *
 * The sweep sends to the last rows of cohort 1, then moves the start of cohort 2 to the left, over
 * them; the viewer numbers of one batch are one slice of `viewers`. Individuals follow in the same
 * way. A row that moves between parts is swapped with the row at each border on its way. So rows
 * can be added, removed and moved while a sweep is under way, and it skips none and repeats none.
 */
export class Audience<R extends AudienceRow> {
  private readonly rows: R[] = [];
  /** The viewer number of each row, at the same index. */
  private viewers = new Int32Array(FIRST_CAPACITY);
  private readonly cohorts: CohortRange[] = [];
  /** The sweep must still send to this number of cohorts, the first ones. */
  private cohortsToSend = 0;
  /** Rows below this index are in cohorts. */
  private sharedCount = 0;
  /** The sweep must still send to individuals below this index; never less than `sharedCount`. */
  private othersToSend = 0;

  get size(): number {
    return this.rows.length;
  }

  get sizeInCohorts(): number {
    return this.sharedCount;
  }

  /** Whether the sweep has sent to all cohorts. */
  get areCohortsSent(): boolean {
    return this.cohortsToSend === 0;
  }

  /** Returns the row's cohort; undefined for an individual row. */
  cohortOf(row: R): Cohort | undefined {
    return row.index < this.sharedCount ? this.cohorts[this.cohortAt(row.index)] : undefined;
  }

  /** The viewers of at most `max` rows, spread evenly over the table. */
  sample(max: number): readonly Viewer[] {
    const { length } = this.rows;
    const count = Math.min(max, length);
    const at = (index: number): number => Math.floor((index * length) / count);
    return Array.from({ length: count }, (_, index) => this.viewers[at(index)] ?? 0);
  }

  add(row: R): void {
    const { length } = this.rows;
    if (length === this.viewers.length) {
      const larger = new Int32Array(length * 2);
      larger.set(this.viewers);
      this.viewers = larger;
    }
    this.rows.push(row);
    this.put(row, length);
  }

  remove(row: R): void {
    this.leaveCohort(row);
    if (row.index < this.othersToSend) {
      this.othersToSend -= 1;
      this.swap(row.index, this.othersToSend);
    }
    this.swap(row.index, this.rows.length - 1);
    this.rows.pop();
  }

  /** Moves an individual row that was sent `target` into the cohort at `target`. */
  joinCohort(row: R, target: SeenState): void {
    if (row.index < this.sharedCount) return;
    if (row.index >= this.othersToSend) {
      this.swap(row.index, this.othersToSend);
      this.othersToSend += 1;
    }
    const newest = this.openCohort(target);
    this.swap(row.index, this.sharedCount);
    this.sharedCount += 1;
    for (let at = this.cohorts.length - 1; this.cohorts[at] !== newest; at--) {
      this.swap(row.index, this.startOf(at));
      this.moveStart(at, 1);
    }
  }

  /** Makes the row an individual one that the sweep must still send to. */
  leaveCohort(row: R): void {
    if (row.index >= this.sharedCount) return;
    const first = this.cohortAt(row.index);
    for (let at = first + 1; at <= this.cohorts.length; at++) {
      this.swap(row.index, this.startOf(at) - 1);
      this.moveStart(at, -1);
    }
    if (this.startOf(first) === this.startOf(first + 1)) this.removeCohort(first);
  }

  /** Starts a sweep: it must send to all cohorts. */
  startSweep(): void {
    this.cohortsToSend = this.cohorts.length;
  }

  /** Marks entries of these times as not sent to any row: the sweep sends to all individuals. */
  markUnsent(times: Times): void {
    this.othersToSend = this.rows.length;
    for (const cohort of this.cohorts) cohort.missedSince = earliest(cohort.missedSince, times);
  }

  /** Takes the next individual row that must be sent to; undefined if there is none. */
  nextIndividual(): R | undefined {
    if (this.othersToSend === this.sharedCount) return undefined;
    this.othersToSend -= 1;
    return this.rows[this.othersToSend];
  }

  /** Returns the next cohort that must be sent to; undefined if all are at `target`. */
  nextCohort(target: SeenState): Cohort | undefined {
    const next = this.cohorts[this.cohortsToSend - 1];
    if (next && next.sent !== target) return next;
    // The rows that were at the target before the sweep and those that it moved become one cohort.
    if (next && this.cohorts[this.cohortsToSend]?.sent === target) {
      this.removeCohort(this.cohortsToSend);
    }
    this.cohortsToSend = 0;
    return undefined;
  }

  /**
   * Moves at most `max` rows of the next cohort to the cohort at `target`. Returns their viewers,
   * as a view of the table that is valid until the next change.
   */
  moveBatch(max: number, target: SeenState): Int32Array {
    const end = this.startOf(this.cohortsToSend);
    const start = Math.max(this.startOf(this.cohortsToSend - 1), end - max);
    this.openCohort(target).start = start;
    if (start === this.startOf(this.cohortsToSend - 1)) this.removeCohort(this.cohortsToSend - 1);
    return this.viewers.subarray(start, end);
  }

  /** Returns the row of a viewer in the batch that `moveBatch` returned last. */
  rowOf(viewer: Viewer, batch: Int32Array): R | undefined {
    const start = batch.byteOffset / Int32Array.BYTES_PER_ELEMENT;
    return this.rows[start + batch.indexOf(viewer)];
  }

  /** Returns the cohort at `target`, and inserts an empty one if there is none. */
  private openCohort(target: SeenState): CohortRange {
    const newest = this.cohorts[this.cohortsToSend];
    if (newest?.sent === target) return newest;
    const start = this.startOf(this.cohortsToSend);
    const made = { sent: target, missedSince: undefined, start };
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

  private removeCohort(at: number): void {
    this.cohorts.splice(at, 1);
    if (at < this.cohortsToSend) this.cohortsToSend -= 1;
  }

  private swap(one: number, other: number): void {
    const [row, second] = [this.rows[one], this.rows[other]];
    if (one === other || !row || !second) return;
    this.put(row, other);
    this.put(second, one);
  }

  private put(row: R, index: number): void {
    this.rows[index] = row;
    this.viewers[index] = row.viewer;
    row.index = index;
  }
}
