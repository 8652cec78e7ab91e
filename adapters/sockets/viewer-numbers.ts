import { grown } from '../../runtime/typed-arrays';
import type { Viewer } from '../viewer-sockets';

const SLOT_BITS = 20;
const GENERATION_BITS = 31 - SLOT_BITS;

/** The most slots: far more than a process can have descriptors. */
export const MAX_SLOTS = 2 ** SLOT_BITS;

/** The bits of a viewer's number that hold its slot. */
export const SLOT_MASK = MAX_SLOTS - 1;

const LAST_GENERATION = 2 ** GENERATION_BITS - 1;
const FIRST_SLOTS = 1_024;
const NONE = -1;

/**
 * Assigns numbers to viewers: a slot, and a generation that rises each time the slot is reused, so
 * that an outdated number matches no viewer. The slot that was freed first is reused first.
 */
export class ViewerNumbers {
  /** By slot, the number of its viewer; 0 without one. Growth replaces the array. */
  bySlot = new Int32Array(FIRST_SLOTS);
  /** The number of slots that were ever used. */
  private used = 0;
  private generations = new Uint16Array(FIRST_SLOTS);
  // A queue of free slots, linked by `following`.
  private following = new Int32Array(FIRST_SLOTS);
  private firstFree = NONE;
  private lastFree = NONE;
  private taken = 0;

  /** The number of viewers. */
  get size(): number {
    return this.taken;
  }

  /** Assigns a number to a viewer; throws if all slots are in use. */
  take(): Viewer {
    const slot = this.firstFree === NONE ? this.newSlot() : this.nextFree();
    const before = this.generations[slot] ?? 0;
    // No viewer has the number 0, so generations begin at 1, also after the last one.
    const generation = before === LAST_GENERATION ? 1 : before + 1;
    this.generations[slot] = generation;
    this.taken += 1;
    const viewer = generation * MAX_SLOTS + slot;
    this.bySlot[slot] = viewer;
    return viewer;
  }

  /** Whether a viewer has this number now. */
  has(viewer: Viewer): boolean {
    return viewer > 0 && this.bySlot[viewer & SLOT_MASK] === viewer;
  }

  /** Frees a number; returns whether a viewer had it. */
  free(viewer: Viewer): boolean {
    if (!this.has(viewer)) return false;
    const slot = viewer & SLOT_MASK;
    this.bySlot[slot] = 0;
    this.taken -= 1;
    this.following[slot] = NONE;
    if (this.lastFree === NONE) this.firstFree = slot;
    else this.following[this.lastFree] = slot;
    this.lastFree = slot;
    return true;
  }

  private nextFree(): number {
    const slot = this.firstFree;
    this.firstFree = this.following[slot] ?? NONE;
    if (this.firstFree === NONE) this.lastFree = NONE;
    return slot;
  }

  private newSlot(): number {
    if (this.used === MAX_SLOTS) throw new Error(`more than ${MAX_SLOTS} viewers in one process`);
    if (this.used === this.bySlot.length) {
      this.bySlot = grown(this.bySlot, new Int32Array(this.used * 2));
      this.generations = grown(this.generations, new Uint16Array(this.used * 2));
      this.following = grown(this.following, new Int32Array(this.used * 2));
    }
    return this.used++;
  }
}
