import { grown } from '../../../runtime/typed-arrays';
import type { Viewer } from '../../viewer-sockets';
import { SLOT_MASK, ViewerNumbers } from '../viewer-numbers';

// What is noted of a viewer; one of whom nothing is noted is sent to at once.
/** Its kernel buffer was full: it can take nothing before the kernel says so. */
export const BLOCKED = 1;
/** It was given as full: it is told of when it has drained. */
export const REPORTED_FULL = 2;
/** It was closed: it takes its last frame, and is nobody's any more. */
export const ENDING = 4;
/** Sending failed for good. */
export const BROKEN = 8;

const NO_FILE = -1;

/**
 * The table of connections: a descriptor and a few marks each, in arrays by the viewer's slot. The
 * arrays are open to the loop over them; a connection that is kept may bring others.
 */
export class Connections {
  files = new Int32Array();
  marks = new Uint8Array();
  private readonly viewers = new ViewerNumbers();

  /** The number of the viewer in each slot, 0 where there is none. */
  get numbers(): Int32Array {
    return this.viewers.bySlot;
  }

  get size(): number {
    return this.viewers.size;
  }

  add(file: number): Viewer {
    const viewer = this.viewers.take();
    const { length } = this.numbers;
    if (length > this.files.length) {
      this.files = grown(this.files, new Int32Array(length));
      this.marks = grown(this.marks, new Uint8Array(length));
    }
    this.files[viewer & SLOT_MASK] = file;
    this.marks[viewer & SLOT_MASK] = 0;
    return viewer;
  }

  /** Forgets a viewer; tells whether it was there. Its descriptor is still to be closed. */
  free(viewer: Viewer): boolean {
    if (!this.viewers.free(viewer)) return false;
    this.files[viewer & SLOT_MASK] = NO_FILE;
    return true;
  }

  has(viewer: Viewer): boolean {
    return this.viewers.has(viewer);
  }

  fileOf(viewer: Viewer): number {
    return this.has(viewer) ? (this.files[viewer & SLOT_MASK] ?? NO_FILE) : NO_FILE;
  }

  /** Whether any of these marks is on a viewer that is there. */
  is(viewer: Viewer, marks: number): boolean {
    return ((this.marks[viewer & SLOT_MASK] ?? 0) & marks) !== 0;
  }

  mark(viewer: Viewer, marks: number): void {
    const slot = viewer & SLOT_MASK;
    this.marks[slot] = (this.marks[slot] ?? 0) | marks;
  }

  unmark(viewer: Viewer, marks: number): void {
    const slot = viewer & SLOT_MASK;
    this.marks[slot] = (this.marks[slot] ?? 0) & ~marks;
  }
}
