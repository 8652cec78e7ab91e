import type { z } from 'zod';
import { LikestreamError } from './errors';
import { ID_PATTERN } from './ids';
import { likes } from './likes';

/** An event type; each one has a file in this folder. */
export interface EventType {
  readonly name: string;
  /** The kind of channel it belongs to: the part before the colon. */
  readonly channelKind: string;
  readonly topic: string;
  /** The shape of its record's value in the log; the record's key is the channel. */
  readonly record: z.ZodType;
  readonly stored: boolean;
  readonly policy: 'counter';
}

/** All event types. */
export const EVENT_TYPES: readonly EventType[] = [likes];

/** The topics of all event types, as the first generation names them. */
export const TOPICS = [...new Set(EVENT_TYPES.map(({ topic }) => topic))];

const KINDS = new Set(EVENT_TYPES.map((type) => type.channelKind));

/** Returns `kind:ID` if it is valid. Throws `invalid_channel` or `invalid_id`. */
export function parseChannel(text: string): string {
  const colon = text.indexOf(':');
  if (!KINDS.has(text.slice(0, Math.max(colon, 0)))) {
    throw new LikestreamError('invalid_channel', `known kinds: ${[...KINDS].join(', ')}`);
  }
  if (!ID_PATTERN.test(text.slice(colon + 1))) throw new LikestreamError('invalid_id');
  return text;
}
