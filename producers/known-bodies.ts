import type { EncodedBody } from './record-pieces';

/** The most bodies that are kept, and the longest fields, in characters, by which one is kept. */
export const MAX_KNOWN_BODIES = 1_000;
export const MAX_FIELDS_LENGTH = 128;

/** A body of the type's shape, with its JSON. No one may change it: many entries have it. */
export interface VerifiedBody {
  readonly body: unknown;
  readonly encoded: EncodedBody;
}

/**
 * The bodies that requests' fields have led to, by the JSON of these fields. Most types have few
 * different bodies, and to verify one costs many times a look-up. Shapes are functions of a value
 * alone, so the same fields always lead to the same body.
 */
export class KnownBodies {
  private bodies = new Map<string, VerifiedBody>();

  get(fields: string): VerifiedBody | undefined {
    return fields.length > MAX_FIELDS_LENGTH ? undefined : this.bodies.get(fields);
  }

  add(fields: string, body: VerifiedBody): void {
    if (fields.length > MAX_FIELDS_LENGTH) return;
    if (this.bodies.size >= MAX_KNOWN_BODIES) this.bodies = new Map();
    this.bodies.set(fields, body);
  }
}
