import { z } from 'zod';
import { ERRORS } from '../schemas/errors';

const method = z.custom((value) => typeof value === 'function', 'must be a function');
const zodObject = z.custom((value) => value instanceof z.ZodObject, 'must be a zod object');
const zodType = z.custom((value) => value instanceof z.ZodType, 'must be a zod type');

/** The fields of an event type that `eventType` leaves to the compiler. */
export const compiledFields = z.looseObject({
  name: z.string(),
  body: zodObject,
  request: zodType.optional(),
  errors: z
    .record(
      z.string(),
      z.custom((code) => Object.hasOwn(ERRORS, String(code)), 'must be a code of docs/protocol.md'),
    )
    .optional(),
  policy: z.looseObject({
    shapes: z
      .looseObject({
        snapshot: zodObject,
        answer: zodObject.optional(),
        events: z.record(z.string(), zodObject),
      })
      .optional(),
    state: zodType,
    empty: z.unknown().refine((empty) => empty !== undefined, 'must be given'),
    merge: method,
    fold: method,
    undoKey: method,
    unfold: method,
    view: method,
    same: method,
    total: method,
    snapshot: method,
    news: method,
    count: method,
    answer: method.optional(),
    remove: method.optional(),
    numberOf: method.optional(),
    recent: method.optional(),
    undeleted: method.optional(),
    bytes: method.optional(),
    cached: method.optional(),
    delta: method.optional(),
    saved: method.optional(),
    admit: method.optional(),
  }),
});
