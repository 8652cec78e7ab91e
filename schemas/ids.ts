import { validate } from 'uuid';
import { z } from 'zod';

/** An id of a channel, entry or member. */
export const ID_PATTERN = /^[A-Za-z0-9_.-]{1,64}$/;

export const id = z.string().regex(ID_PATTERN);

const UUID_LENGTH = 36;
const VERSION_AT = 14;
const TIME_HEX_DIGITS = 12;

/** The time in a UUIDv7 (RFC 9562 section 5.7), ms since the epoch; undefined for other ids. */
export function uuidv7Time(text: string): number | undefined {
  // Most ids of another form end here, without the regular expression.
  if (text.length !== UUID_LENGTH || text[VERSION_AT] !== '7' || !validate(text)) return undefined;
  return Number.parseInt(text.slice(0, 8) + text.slice(9, 1 + TIME_HEX_DIGITS), 16);
}
