import { createHash } from 'node:crypto';
import { ID_PATTERN } from '../../schemas/ids';

/** The ids that are made here: of other values, and of anonymous members. */
const MADE_ID = /^(m-[0-9a-f]{32}$|anonymous-)/;

/** A browser cannot put these into a path. */
const DOTS = ['.', '..'];

const HASH_DIGITS = 32;

/**
 * The member id of a claim; undefined if the claim names no member. A number is read as text. A
 * text that is no valid id becomes `m-` and 32 hex digits of its SHA-256. So does a text of the
 * form of an id made here: no member can take the id of another one, or of an anonymous one.
 */
export function memberIdOf(claim: unknown): string | undefined {
  // Above 2^53, different numbers of a token are the same number here.
  const text = Number.isSafeInteger(claim) ? String(claim) : claim;
  if (typeof text !== 'string' || text === '' || /\p{Surrogate}/u.test(text)) return undefined;
  const isKept = ID_PATTERN.test(text) && !DOTS.includes(text) && !MADE_ID.test(text);
  return isKept ? text : `m-${sha256(text).slice(0, HASH_DIGITS)}`;
}

function sha256(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
