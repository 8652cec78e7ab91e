import { z } from 'zod';
import { fingerprint } from './hash';

/*
 * HyperLogLog: how many distinct ids were added, in 16 KB for any number of them. An id's hash
 * selects one of 2^14 registers, which keeps the greatest rank: 1 + the zeros before the first one
 * bit of the rest of the hash. Flajolet and others, 2007.
 *
 * A sketch is a text of an alphabet of 64 characters in the order of ASCII, so that they compare as
 * the numbers that they stand for:
 *
 *   dense   one character a register: its rank
 *   sparse  up to MAX_SPARSE registers that are not 0, by index: 3 characters index, 1 rank
 *
 * A sketch has one form only, so that equal sketches are equal texts.
 */

const INDEX_BITS = 14;
const REGISTERS = 2 ** INDEX_BITS;
/** The bits of a hash after the index. */
const REST_BITS = 64 - INDEX_BITS;
const MAX_RANK = REST_BITS + 1;

const ALPHABET = './0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const DIGIT_BITS = 6;
const DIGIT_MASK = 63;
const CODES = 128;
const WORD_BITS = 32;

/** By character code the number that a character stands for. */
const DIGITS = Uint8Array.from({ length: CODES }, (_, code) =>
  Math.max(0, ALPHABET.indexOf(String.fromCharCode(code))),
);

/** Characters of an entry of a sparse sketch: its index and its rank. */
const INDEX_LENGTH = 3;
const ENTRY_LENGTH = INDEX_LENGTH + 1;

/** The most registers of a sparse sketch: a quarter of the size of a dense one. */
export const MAX_SPARSE = 1_024;

/** A set of ids, as a text of at most 16,384 characters. */
export type Sketch = string;

/** The sketch of no ids. */
export const NO_IDS: Sketch = '';

/** A dense sketch whose ranks are 0. */
const DENSE: Sketch = ALPHABET.charAt(0).repeat(REGISTERS);

/** The shape of a sketch. */
export const sketchText: z.ZodType<Sketch> = z
  .string()
  .regex(/^[./0-9A-Za-z]*$/)
  .refine(({ length }) => length === REGISTERS || isSparseLength(length), 'must be a sketch');

/** The sketch with one more id; the same one if it has the id already. */
export function withId(sketch: Sketch, id: string): Sketch {
  const hash = fingerprint('hyperloglog', id);
  const index = Number(hash & BigInt(REGISTERS - 1));
  const rank = rankOf(Number(hash >> BigInt(INDEX_BITS)));
  return isDense(sketch) ? raised(sketch, index, rank) : inserted(sketch, index, rank);
}

/** The sketch of all ids of both; one of them if it has those of the other. */
export function union(one: Sketch, other: Sketch): Sketch {
  if (one === other || other === NO_IDS) return one;
  if (one === NO_IDS) return other;
  if (isDense(one)) return isDense(other) ? denseUnion(one, other) : withEntries(one, other);
  return isDense(other) ? withEntries(other, one) : sparseUnion(one, other);
}

/**
 * About how many ids were added; the standard error is 0.8 %. This is the improved estimator of
 * O. Ertl, "New cardinality estimation algorithms for HyperLogLog sketches", 2017: it has no bias
 * at any size, and needs no tables.
 */
export function estimate(sketch: Sketch): number {
  const counts = new Array<number>(MAX_RANK + 1).fill(0);
  for (const rank of ranksOf(sketch)) {
    const at = Math.min(rank, MAX_RANK);
    counts[at] = (counts[at] ?? 0) + 1;
  }
  let sum = REGISTERS * tau(1 - (counts[MAX_RANK] ?? 0) / REGISTERS);
  for (let rank = REST_BITS; rank >= 1; rank--) sum = (sum + (counts[rank] ?? 0)) / 2;
  sum += REGISTERS * sigma((counts[0] ?? 0) / REGISTERS);
  return Math.round(REGISTERS ** 2 / (2 * Math.LN2 * sum));
}

/** The characters of ranks compare as the ranks, so nothing is decoded. */
function denseUnion(one: Sketch, other: Sketch): Sketch {
  const codes = Buffer.from(one, 'latin1');
  const others = Buffer.from(other, 'latin1');
  let isRaised = false;
  for (let index = 0; index < REGISTERS; index++) {
    const code = others[index] ?? 0;
    if (code <= (codes[index] ?? 0)) continue;
    codes[index] = code;
    isRaised = true;
  }
  return isRaised ? codes.toString('latin1') : one;
}

/** A dense sketch with the registers of a sparse one. */
function withEntries(dense: Sketch, sparse: Sketch): Sketch {
  const codes = Buffer.from(dense, 'latin1');
  for (let at = 0; at < sparse.length; at += ENTRY_LENGTH) {
    const index = indexAt(sparse, at) % REGISTERS;
    codes[index] = Math.max(codes[index] ?? 0, sparse.charCodeAt(at + INDEX_LENGTH));
  }
  return codes.toString('latin1');
}

/** Both lists are in the order of indexes. */
function sparseUnion(one: Sketch, other: Sketch): Sketch {
  let text = '';
  let [at, from] = [0, 0];
  while (at < one.length && from < other.length) {
    const [entry, another] = [
      one.slice(at, at + ENTRY_LENGTH),
      other.slice(from, from + ENTRY_LENGTH),
    ];
    const [name, otherName] = [entry.slice(0, INDEX_LENGTH), another.slice(0, INDEX_LENGTH)];
    // Of one register, the entry with the greater rank.
    if (name === otherName) text += entry > another ? entry : another;
    else text += name < otherName ? entry : another;
    if (name <= otherName) at += ENTRY_LENGTH;
    if (otherName <= name) from += ENTRY_LENGTH;
  }
  text += one.slice(at) + other.slice(from);
  return isSparseLength(text.length) ? text : withEntries(DENSE, text);
}

function isDense(sketch: Sketch): boolean {
  return sketch.length === REGISTERS;
}

function isSparseLength(length: number): boolean {
  return length <= MAX_SPARSE * ENTRY_LENGTH && length % ENTRY_LENGTH === 0;
}

/** The rank of the rest of a hash, 50 bits. */
function rankOf(rest: number): number {
  const high = Math.floor(rest / 2 ** WORD_BITS);
  const highBits = REST_BITS - WORD_BITS;
  if (high > 0) return Math.clz32(high) - (WORD_BITS - highBits) + 1;
  return highBits + Math.clz32(rest) + 1;
}

/** A sparse sketch with a register's rank, if it is greater than the one there. */
function inserted(sketch: Sketch, index: number, rank: number): Sketch {
  const name = indexText(index);
  let [low, high] = [0, sketch.length / ENTRY_LENGTH];
  while (low < high) {
    const middle = (low + high) >> 1;
    const at = middle * ENTRY_LENGTH;
    if (sketch.slice(at, at + INDEX_LENGTH) < name) low = middle + 1;
    else high = middle;
  }
  const at = low * ENTRY_LENGTH;
  if (sketch.startsWith(name, at)) return raised(sketch, at + INDEX_LENGTH, rank);
  const larger = sketch.slice(0, at) + name + ALPHABET.charAt(rank) + sketch.slice(at);
  return isSparseLength(larger.length) ? larger : withEntries(DENSE, larger);
}

/** The sketch with this rank at a position, if it is greater than the one there. */
function raised(sketch: Sketch, at: number, rank: number): Sketch {
  if ((DIGITS[sketch.charCodeAt(at)] ?? 0) >= rank) return sketch;
  return sketch.slice(0, at) + ALPHABET.charAt(rank) + sketch.slice(at + 1);
}

/** The ranks of all registers. */
function ranksOf(sketch: Sketch): Uint8Array {
  const ranks = new Uint8Array(REGISTERS);
  if (isDense(sketch)) {
    for (let at = 0; at < REGISTERS; at++) ranks[at] = digitAt(sketch, at);
    return ranks;
  }
  for (let at = 0; at < sketch.length; at += ENTRY_LENGTH) {
    ranks[indexAt(sketch, at) % REGISTERS] = digitAt(sketch, at + INDEX_LENGTH);
  }
  return ranks;
}

function indexText(index: number): string {
  const [high, middle] = [index >> (2 * DIGIT_BITS), (index >> DIGIT_BITS) & DIGIT_MASK];
  return ALPHABET.charAt(high) + ALPHABET.charAt(middle) + ALPHABET.charAt(index & DIGIT_MASK);
}

function indexAt(sketch: Sketch, at: number): number {
  const [high, middle] = [digitAt(sketch, at), digitAt(sketch, at + 1)];
  return (((high << DIGIT_BITS) | middle) << DIGIT_BITS) | digitAt(sketch, at + 2);
}

function digitAt(text: string, at: number): number {
  return DIGITS[text.charCodeAt(at)] ?? 0;
}

/** Corrects for registers that are 0; infinite if all are. */
function sigma(share: number): number {
  if (share === 1) return Number.POSITIVE_INFINITY;
  let [power, weight, sum, before] = [share, 1, share, Number.NaN];
  while (sum !== before) {
    power *= power;
    before = sum;
    sum += power * weight;
    weight += weight;
  }
  return sum;
}

/** Corrects for registers that are full. */
function tau(share: number): number {
  if (share === 0 || share === 1) return 0;
  let [root, weight, sum, before] = [share, 1, 1 - share, Number.NaN];
  while (sum !== before) {
    root = Math.sqrt(root);
    before = sum;
    weight /= 2;
    sum -= (1 - root) ** 2 * weight;
  }
  return sum / 3;
}
