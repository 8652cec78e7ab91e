import { z } from 'zod';
import { ID_PATTERN } from '../../schemas/ids';
import { ORIGIN_PATTERN } from '../../schemas/origins';

/** A place, without the ends of the pattern. */
const PLACE_PATTERN = `${ORIGIN_PATTERN.source.slice(1, -1)}@\\d{1,15}`;

/** A JSON Schema, or another part of the document. */
export type Json = { readonly [key: string]: unknown };

/** The reference to the shape of ids. */
export const ID: Json = { $ref: '#/components/schemas/Id' };

/** The shapes that are used in many places, by name. */
export const COMMON_SHAPES: Json = {
  Id: { type: 'string', pattern: ID_PATTERN.source },
  Place: {
    type: 'string',
    pattern: `^${PLACE_PATTERN}$`,
    description: 'ORIGIN@OFFSET: where an entry stands in one log of its type.',
    examples: ['dc1.1@1420'],
  },
  Vector: {
    type: 'string',
    pattern: `^(${PLACE_PATTERN}(,${PLACE_PATTERN})*)?$`,
    description: 'Places by comma, one an origin.',
    examples: ['dc1.1@1420,dc2.1@7'],
  },
  Time: { type: 'integer', description: 'Milliseconds since the epoch.' },
};

/** The references to shapes of fields that the server itself adds. */
export const PLACE: Json = { $ref: '#/components/schemas/Place' };
export const VECTOR: Json = { $ref: '#/components/schemas/Vector' };
export const TIME: Json = { $ref: '#/components/schemas/Time' };

/** A shape of an object that has these fields; those of `optional` may be missing. */
export function objectOf(properties: Json, optional: readonly string[] = []): Json {
  const required = Object.keys(properties).filter((name) => !optional.includes(name));
  return { type: 'object', properties, ...(required.length > 0 && { required }) };
}

/** The fields that a zod object describes, and those that may be missing. */
export function fieldsOf(type: z.ZodType, io: 'input' | 'output') {
  const shape = z.toJSONSchema(type, { io, unrepresentable: 'any', override: simplify });
  const { properties = {}, required = [] } = shape;
  const optional = Object.keys(properties).filter((name) => !required.includes(name));
  return { properties, optional };
}

/** The shape of a zod object as clients are sent it: they ignore unknown fields. */
export function shownShape(type: z.ZodType): Json {
  const { optional, properties } = fieldsOf(type, 'output');
  return objectOf(properties, optional);
}

/** Removes what says nothing to clients: each safe integer has these bounds. */
function simplify({ jsonSchema }: { jsonSchema: z.core.JSONSchema.BaseSchema }): void {
  if (jsonSchema.pattern === ID_PATTERN.source) {
    delete jsonSchema.pattern;
    delete jsonSchema.type;
    jsonSchema.$ref = String(ID.$ref);
  }
  if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}
