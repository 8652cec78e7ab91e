import type { IncomingMessage } from 'node:http';
import { json, text } from 'co-body';
import { LikestreamError } from '../schemas/errors';
import { systemClock } from './clock';
import { keptBody } from './kept-bodies';

/** The largest body of a request from a client. */
export const MAX_BODY_BYTES = 16 * 1024;

/** The largest body of a request between services. */
export const MAX_INTERNAL_BODY_BYTES = 16 * 1024 * 1024;

const BYTE_ORDER_MARK = '\uFEFF';

/**
 * Reads a request's body as a JSON object, whatever its content type; an empty body is `{}`. Throws
 * `malformed_json`, `invalid_body`, `body_too_large` or `unsupported_coding`.
 */
export async function readJson(
  request: IncomingMessage,
  limit: number = MAX_BODY_BYTES,
): Promise<object> {
  if (isExpected(request)) await endOfTurn();
  const kept = keptBody(request) ?? arrivedBody(request, limit);
  const body: unknown =
    kept === undefined ? await json(request, { limit, strict: false }).catch(refuse) : parsed(kept);
  if (body === '' || body === undefined) return {};
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return body;
  throw new LikestreamError('invalid_body', 'the body is an object');
}

/** Reads a request's body as text; throws as `readJson`. */
export async function readText(request: IncomingMessage, limit = MAX_BODY_BYTES): Promise<string> {
  if (isExpected(request)) await endOfTurn();
  const kept = keptBody(request) ?? arrivedBody(request, limit);
  return kept ?? text(request, { limit }).catch(refuse);
}

/**
 * Whether a body is not packed and may arrive in this turn of the event loop. Node parses it after
 * the promises and before the immediates of the turn in which it has parsed the head.
 */
function isExpected(request: IncomingMessage): boolean {
  return !isCoded(request) && !request.complete && keptBody(request) === undefined;
}

/**
 * The text of a body that has arrived with the request's head, as most do, and is not packed; else
 * undefined. Throws `body_too_large`. It is read without listeners.
 */
function arrivedBody(request: IncomingMessage, limit: number): string | undefined {
  if (isCoded(request)) return undefined;
  if (!request.complete || request.readableDidRead) return undefined;
  const bytes: Buffer | null = request.read();
  if (bytes === null) return '';
  if (bytes.length > limit) throw new LikestreamError('body_too_large');
  const body = bytes.toString();
  return body.startsWith(BYTE_ORDER_MARK) ? body.slice(BYTE_ORDER_MARK.length) : body;
}

let ending: Promise<void> | undefined;

/** Resolves after the parsing of this turn of the event loop, for all requests of the turn. */
function endOfTurn(): Promise<void> {
  ending ??= new Promise((resolve) => {
    systemClock.after(0, () => {
      ending = undefined;
      resolve();
    });
  });
  return ending;
}

/** Whether the body is in a coding. `x-gzip` is another name of `gzip` (RFC 9110, 8.4.1.3). */
function isCoded({ headers }: IncomingMessage): boolean {
  const coding = headers['content-encoding']?.trim().toLowerCase();
  if (coding !== undefined) headers['content-encoding'] = coding === 'x-gzip' ? 'gzip' : coding;
  return coding !== undefined;
}

function parsed(text: string): unknown {
  try {
    return text === '' ? {} : JSON.parse(text);
  } catch (cause) {
    return refuse(cause);
  }
}

function refuse(cause: unknown): never {
  const status = cause instanceof Error && 'status' in cause ? cause.status : undefined;
  if (status === 413) throw new LikestreamError('body_too_large');
  if (status === 415) throw new LikestreamError('unsupported_coding');
  throw new LikestreamError('malformed_json', undefined, { cause });
}
