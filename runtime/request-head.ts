import type { IncomingMessage } from 'node:http';
import { LikestreamError } from '../schemas/errors';

/** The largest request line and headers. */
export const MAX_HEAD_BYTES = 16 * 1024;

/**
 * The largest head that is parsed. It is more than `MAX_HEAD_BYTES`, so that the stream can answer
 * such a request in a way that `EventSource` understands.
 */
export const MAX_PARSED_HEAD_BYTES = 4 * MAX_HEAD_BYTES;

/** The bytes of `: ` and the end of the line. */
const SEPARATOR_BYTES = 4;

/** What an answered request for a stream with too large a head waits before it comes again. */
const LARGE_HEAD_RETRY_MS = 60_000;

/**
 * The error of a head that Node's parser lets through; undefined if it is valid. RFC 9112, section
 * 3.2 requires one `Host`; RFC 9110, section 10.1.1 knows one `Expect`.
 */
export function headFault({ headers, httpVersionMinor, rawHeaders }: IncomingMessage) {
  const { expect, host } = headers;
  if (expect !== undefined && expect.toLowerCase() !== '100-continue') {
    return new LikestreamError('expectation_failed');
  }
  if (host === undefined && httpVersionMinor > 0) {
    return new LikestreamError('malformed_request', 'a request has a Host');
  }
  if (hasSeveralHosts(rawHeaders)) {
    return new LikestreamError('malformed_request', 'a request has one Host');
  }
  return undefined;
}

/** Whether a request has a larger head than `MAX_HEAD_BYTES`. */
export function isLargeHead({ rawHeaders, url = '' }: IncomingMessage): boolean {
  let bytes = url.length;
  for (const text of rawHeaders) bytes += text.length;
  return bytes + (rawHeaders.length / 2) * SEPARATOR_BYTES > MAX_HEAD_BYTES;
}

/** Throws `headers_too_large`, which is a temporary answer on the stream. */
export function requireHeadSize(request: IncomingMessage): void {
  if (!isLargeHead(request)) return;
  const retryAfterMs = LARGE_HEAD_RETRY_MS;
  throw new LikestreamError('headers_too_large', undefined, { retryAfterMs });
}

function hasSeveralHosts(rawHeaders: readonly string[]): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') hosts++;
  }
  return hosts > 1;
}
