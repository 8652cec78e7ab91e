import { problemsOf } from './problems';
import type { Json } from './shapes';

/** The parts of an operation that differ. */
export interface OperationOptions {
  readonly id: string;
  readonly summary: string;
  readonly tag: string;
  readonly parameters?: readonly Json[];
  /** The shape of the request's body, and whether an empty one is refused. */
  readonly body?: { readonly shape: Json; readonly isRequired: boolean } | undefined;
  /** By status, the answers that are no errors. */
  readonly answers: Json;
  readonly canConflict?: boolean;
  readonly security?: readonly Json[];
}

/** One call of a path. */
export function operation(options: OperationOptions): Json {
  const { answers, body, canConflict, id, parameters = [], security, summary, tag } = options;
  return {
    operationId: id,
    summary,
    tags: [tag],
    ...(parameters.length > 0 && { parameters }),
    ...(body && {
      requestBody: { required: body.isRequired, content: jsonOf(body.shape) },
    }),
    responses: { ...answers, ...problemsOf({ canConflict: canConflict ?? false }) },
    ...(security && { security }),
  };
}

/** An answer with a body of JSON. */
export function jsonAnswer(description: string, shape: Json, headers?: Json): Json {
  return { description, ...(headers && { headers }), content: jsonOf(shape) };
}

/** A parameter of the path. */
export function inPath(name: string, schema: Json): Json {
  return { name, in: 'path', required: true, schema };
}

/** A parameter of the query. */
export function inQuery(name: string, schema: Json, description: string, required = false): Json {
  return { name, in: 'query', required, description, schema };
}

/** The name of a type's shape among the components, as in `VideoLikesEntry`. */
export function shapeName({ channelKind, name }: ShapedType, part: string): string {
  return `${pascal(channelKind)}${pascal(name)}${part}`;
}

/** The reference to it. */
export function shapeRef(type: ShapedType, part: string): Json {
  return { $ref: `#/components/schemas/${shapeName(type, part)}` };
}

interface ShapedType {
  readonly channelKind: string;
  readonly name: string;
}

/** A name as a part of operation ids: `poll-votes` becomes `PollVotes`. */
export function pascal(name: string): string {
  const parts = name.split(/[-_]/).filter(Boolean);
  return parts.map((part) => part.charAt(0).toUpperCase() + part.slice(1)).join('');
}

function jsonOf(schema: Json): Json {
  return { 'application/json': { schema } };
}
