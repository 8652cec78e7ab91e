import { version as uuidVersion, validate } from 'uuid';
import { z } from 'zod';

/** An id of a channel, entry or member. */
export const ID_PATTERN = /^[A-Za-z0-9_.-]{1,64}$/;

export const id = z.string().regex(ID_PATTERN);

const UUID_TIME_HEX_DIGITS = 12;

/** The time in a UUIDv7 (RFC 9562 section 5.7), ms since the epoch; undefined for other ids. */
export function uuidv7Time(text: string): number | undefined {
  if (!validate(text) || uuidVersion(text) !== 7) return undefined;
  return Number.parseInt(text.replace('-', '').slice(0, UUID_TIME_HEX_DIGITS), 16);
}
