import { grown } from '../../../runtime/typed-arrays';
import type { Viewer } from '../../viewer-sockets';
import { SLOT_MASK, ViewerNumbers } from '../viewer-numbers';

// Marks of a viewer. A frame for a viewer without marks is sent immediately, as a chunk.
/** Its kernel buffer is full: nothing can be sent before epoll reports it as writable. */
export const BLOCKED = 1;
/** `send` has returned it as full: `drained` must be emitted when it is writable. */
export const REPORTED_FULL = 2;
/** It is being closed: it receives its last frame, and emits no more events. */
export const ENDING = 4;
/** Sending has failed; its connection will be closed. */
export const BROKEN = 8;
/** It is sent frames without chunks. */
export const PLAIN = 16;

const NO_FILE = -1;

/**
 * The table of connections: a descriptor and marks for each, in arrays by the viewer's slot. The
 * arrays are public because `DirectSockets.send` loops over them; `add` may replace them.
 */
export class Connections {
  files = new Int32Array();
  marks = new Uint8Array();
  private readonly viewers = new ViewerNumbers();

  /** By slot, the number of its viewer; 0 without one. */
  get numbers(): Int32Array {
    return this.viewers.bySlot;
  }

  get size(): number {
    return this.viewers.size;
  }

  add(file: number, marks: number): Viewer {
    const viewer = this.viewers.take();
    const { length } = this.numbers;
    if (length > this.files.length) {
      this.files = grown(this.files, new Int32Array(length));
      this.marks = grown(this.marks, new Uint8Array(length));
    }
    this.files[viewer & SLOT_MASK] = file;
    this.marks[viewer & SLOT_MASK] = marks;
    return viewer;
  }

  /** Removes a viewer; returns whether it existed. The caller closes its descriptor. */
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

  /** Whether an existing viewer has any of these marks. */
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
