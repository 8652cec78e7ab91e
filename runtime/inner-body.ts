import type { IncomingMessage } from 'node:http';
import { z } from 'zod';
import { LikestreamError } from '../schemas/errors';
import { MAX_INTERNAL_BODY_BYTES, readJson } from './body';

/** Reads the body of a call between services; throws as `readJson`, and `invalid_body`. */
export async function readInner<T>(request: IncomingMessage, shape: z.ZodType<T>): Promise<T> {
  const parsed = shape.safeParse(await readJson(request, MAX_INTERNAL_BODY_BYTES));
  if (parsed.success) return parsed.data;
  throw asInvalidBody(parsed.error);
}

/** A ZodError as `invalid_body`; every other error itself. */
export function asInvalidBody(error: unknown): unknown {
  if (!(error instanceof z.ZodError)) return error;
  const [issue] = error.issues;
  return new LikestreamError('invalid_body', `${issue?.path.join('.')}: ${issue?.message}`);
}
