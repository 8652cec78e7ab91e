import type { LoggedType } from './event-type';

/** Bodies that are kept for a type; further ones are parsed each time. */
const MAX_BODIES = 256;

/** A body is kept if its only field is a text of at most so many characters. */
const MAX_TEXT_LENGTH = 64;

/** The only field of a body, and its value. */
type Only = readonly [field: string, text: string];

/** By type and field, the parsed bodies by text: few types have many of them. */
const known = new WeakMap<Pick<LoggedType, 'body'>, Map<string, Map<string, unknown>>>();

/**
 * The body of an entry in the log, verified; throws if it has not the type's shape. Equal short
 * bodies share one frozen object, because a schema costs ten times as much as finding it.
 */
export function parseBody(type: Pick<LoggedType, 'body'>, body: unknown): unknown {
  const only = onlyText(body);
  if (!only) return type.body.parse(body);
  return known.get(type)?.get(only[0])?.get(only[1]) ?? keep(type, only, type.body.parse(body));
}

function keep(type: Pick<LoggedType, 'body'>, [field, text]: Only, parsed: unknown): unknown {
  const fields = known.get(type) ?? new Map<string, Map<string, unknown>>();
  const texts = fields.get(field) ?? new Map<string, unknown>();
  let count = fields.size;
  for (const { size } of fields.values()) count += size;
  if (count >= MAX_BODIES) return parsed;
  known.set(type, fields.set(field, texts.set(text, Object.freeze(parsed))));
  return parsed;
}

function onlyText(body: unknown): Only | undefined {
  if (typeof body !== 'object' || body === null) return undefined;
  let only: Only | undefined;
  for (const field in body) {
    const text = (body as Readonly<Record<string, unknown>>)[field];
    if (only || typeof text !== 'string' || text.length > MAX_TEXT_LENGTH) return undefined;
    only = [field, text];
  }
  return only;
}
