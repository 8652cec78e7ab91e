import { grown } from '../../runtime/typed-arrays';
import type { Viewer } from '../viewer-sockets';

const SLOT_BITS = 20;
const GENERATION_BITS = 31 - SLOT_BITS;

/** Slots there can be at most: far more than a process may have descriptors. */
export const MAX_SLOTS = 2 ** SLOT_BITS;

/** The bits of a viewer's number that are its slot. */
export const SLOT_MASK = MAX_SLOTS - 1;

const LAST_GENERATION = 2 ** GENERATION_BITS - 1;
const FIRST_SLOTS = 1_024;
const NONE = -1;

/**
 * Viewers' numbers: a slot, and which of the slot's viewers it is, so that a number that is kept too
 * long names nobody. A slot rests as long as can be before it is given out again.
 */
export class ViewerNumbers {
  /** The number that a slot's viewer has now; 0 while it has none. A new array when it grows. */
  bySlot = new Int32Array(FIRST_SLOTS);
  /** How many slots were ever given out. */
  private used = 0;
  private generations = new Uint16Array(FIRST_SLOTS);
  // A queue through the free slots.
  private following = new Int32Array(FIRST_SLOTS);
  private firstFree = NONE;
  private lastFree = NONE;
  private taken = 0;

  /** How many viewers have a number. */
  get size(): number {
    return this.taken;
  }

  /** A number for one more viewer; throws when there are more than a process can have. */
  take(): Viewer {
    const slot = this.firstFree === NONE ? this.newSlot() : this.nextFree();
    const before = this.generations[slot] ?? 0;
    // The number 0 is nobody's: generations begin at 1, and again there.
    const generation = before === LAST_GENERATION ? 1 : before + 1;
    this.generations[slot] = generation;
    this.taken += 1;
    const viewer = generation * MAX_SLOTS + slot;
    this.bySlot[slot] = viewer;
    return viewer;
  }

  /** Whether somebody has this number now. */
  has(viewer: Viewer): boolean {
    return viewer > 0 && this.bySlot[viewer & SLOT_MASK] === viewer;
  }

  /** Takes a number back; tells whether somebody had it. */
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
