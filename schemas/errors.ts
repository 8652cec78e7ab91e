/**
 * All errors in answers, by their stable `code`. If an error is `retriable`, the same request may
 * succeed later: the answer has `Retry-After`. On `/stream` it is a temporary answer: `200` with
 * `retry:` and `bye`.
 */
export const ERRORS = {
  malformed_request: { status: 400, title: 'The request is not HTTP/1.1' },
  malformed_json: { status: 400, title: 'The body is not JSON' },
  invalid_body: { status: 400, title: 'The body has not the shape that is asked for' },
  invalid_query: { status: 400, title: 'A parameter of the query is not valid' },
  invalid_id: { status: 400, title: 'An id has 1 to 64 characters of A-Z a-z 0-9 _ . -' },
  invalid_channel: { status: 400, title: 'No such kind of channel' },
  too_many_channels: { status: 400, title: 'A stream carries at most 50 channels' },
  unknown_reaction: { status: 400, title: 'The reaction is not one of the configured set' },
  invalid_text: { status: 400, title: 'A text is empty, too long, or has control characters' },
  unauthorized: { status: 401, title: 'A valid token is needed' },
  token_expired: { status: 401, title: 'The token has expired' },
  origin_forbidden: { status: 403, title: 'Pages of this origin may not call' },
  forbidden: { status: 403, title: 'The token does not grant this' },
  video_paused: { status: 403, title: 'The channel is paused' },
  member_banned: { status: 403, title: 'The member is banned' },
  not_found: { status: 404, title: 'There is nothing here' },
  method_not_allowed: { status: 405, title: 'The method is not offered here' },
  too_many_facts: { status: 409, title: 'At most 50,000 pauses and bans are stored' },
  too_many_names: { status: 409, title: 'The channel has no room for another name' },
  request_timeout: { status: 408, title: 'The request took too long', retriable: true },
  body_too_large: { status: 413, title: 'The body is larger than 16 KiB' },
  too_large: { status: 413, title: 'The value, or all values of the channel, are too large' },
  unsupported_coding: { status: 415, title: 'The body is in a coding that is not understood' },
  expectation_failed: { status: 417, title: 'The only known Expect is 100-continue' },
  log_mismatch: { status: 500, title: 'The log is not the one that was begun with' },
  too_many_requests: {
    status: 429,
    title: 'The member or the address sends too much',
    retriable: true,
  },
  too_many_streams: {
    status: 429,
    title: 'The member or the address has too many streams or channels',
    retriable: true,
  },
  too_soon: { status: 429, title: 'A member may write here less often', retriable: true },
  headers_too_large: { status: 431, title: 'The request line and headers are too large' },
  internal: { status: 500, title: 'Something went wrong on our side' },
  keys_unavailable: { status: 503, title: 'The keys of tokens cannot be read', retriable: true },
  log_refused: { status: 503, title: 'The event log takes nothing now', retriable: true },
  log_closed: { status: 503, title: 'The event log is closed', retriable: true },
  log_unavailable: { status: 503, title: 'The event log cannot be reached', retriable: true },
  store_unavailable: { status: 503, title: 'The store cannot be reached', retriable: true },
  directory_unavailable: { status: 503, title: 'The directory cannot be reached', retriable: true },
  peer_unavailable: { status: 503, title: 'A part of likestream is away', retriable: true },
  full: { status: 503, title: 'No more viewers can be taken here', retriable: true },
  overloaded: { status: 503, title: 'This process has too much work now', retriable: true },
  too_many_pipelined: {
    status: 503,
    title: 'A connection has at most 16 requests in flight',
    retriable: true,
  },
  draining: { status: 503, title: 'This process is shutting down', retriable: true },
} as const satisfies Record<string, { status: number; title: string; retriable?: true }>;

export type ErrorCode = keyof typeof ERRORS;

/** The `Retry-After` of a retriable error, seconds. */
export const RETRY_AFTER_S = 1;

/** The error class of the project. If `expose` is true, clients get `detail`. */
export class LikestreamError extends Error {
  readonly status: number;
  readonly title: string;
  readonly retriable: boolean;
  readonly expose: boolean;
  /** On `/stream` the error is a temporary answer with this time; undefined if it is not. */
  readonly retryAfterMs: number | undefined;

  constructor(
    readonly code: ErrorCode,
    readonly detail?: string,
    options?: { cause?: unknown; retryAfterMs?: number | undefined },
  ) {
    super(detail === undefined ? ERRORS[code].title : `${ERRORS[code].title}: ${detail}`, options);
    this.name = 'LikestreamError';
    this.status = ERRORS[code].status;
    this.title = ERRORS[code].title;
    this.retriable = 'retriable' in ERRORS[code];
    this.expose = this.status < 500;
    this.retryAfterMs = options?.retryAfterMs;
  }

  /** The answer's body, `application/problem+json` of RFC 9457. */
  toProblem(): { status: number; title: string; detail: string; code: ErrorCode } {
    const { code, status, title } = this;
    return { status, title, detail: (this.expose && this.detail) || title, code };
  }
}

/** Whether the same request would fail again with this `LikestreamError`. */
export function isFinal(error: unknown): error is LikestreamError {
  return error instanceof LikestreamError && !error.retriable;
}

/** Returns an error after which the same request may succeed; throws a final one. */
export function unlessFinal(error: unknown): unknown {
  if (isFinal(error)) throw error;
  return error;
}

/** Wraps a cause as an error with `code`, unless it is a `LikestreamError`. */
export function asLikestreamError(cause: unknown, code: ErrorCode): LikestreamError {
  if (cause instanceof LikestreamError) return cause;
  return new LikestreamError(code, cause instanceof Error ? cause.message : String(cause), {
    cause,
  });
}
