import type { Row } from './session';
import type { Viewer } from './sockets';
import { grown } from './viewer-numbers';

const FIRST_ROOM = 8;

/**
 * A channel's rows, in three stretches of one table: those in step that the flush under way has not
 * passed yet, those in step, and the others. A row moves between them by changing places with the
 * one at the border, so a flush is one pass over the numbers of the first, whoever comes or goes.
 */
export class Audience {
  private readonly rows: Row[] = [];
  private viewers = new Int32Array(FIRST_ROOM);
  /** Rows below are in step with the place before the flush under way. */
  private unpassed = 0;
  /** Rows below are in step. */
  private inStep = 0;

  get size(): number {
    return this.rows.length;
  }

  /** How many are in step. */
  get sizeInStep(): number {
    return this.inStep;
  }

  /** The row of another: not in step. */
  at(index: number): Row | undefined {
    return this.rows[index];
  }

  isInStep(row: Row): boolean {
    return row.index < this.inStep;
  }

  /** Whether the flush under way is still to come to this row. */
  isUnpassed(row: Row): boolean {
    return row.index < this.unpassed;
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
    this.fallOut(row);
    this.swap(row.index, this.rows.length - 1);
    this.rows.pop();
  }

  /** The row has been brought to the flushed place, which it shares with all in step. */
  fallIn(row: Row): void {
    if (this.isInStep(row)) return;
    this.swap(row.index, this.inStep);
    this.inStep += 1;
  }

  /** The row has a place of its own from now on. */
  fallOut(row: Row): void {
    if (!this.isInStep(row)) return;
    if (this.isUnpassed(row)) {
      this.unpassed -= 1;
      this.swap(row.index, this.unpassed);
    }
    this.inStep -= 1;
    this.swap(row.index, this.inStep);
  }

  /** A flush begins: all in step are to be passed. */
  begin(): void {
    this.unpassed = this.inStep;
  }

  /** The numbers of the next `most` to be passed, valid until the next call; none at the end. */
  pass(most: number): Int32Array {
    const end = this.unpassed;
    this.unpassed = Math.max(0, end - most);
    return this.viewers.subarray(this.unpassed, end);
  }

  /** The row of a viewer among those that `pass` gave last. */
  rowOf(viewer: Viewer, near: Int32Array): Row | undefined {
    return this.rows[this.unpassed + near.indexOf(viewer)];
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
