import type { Duplex } from 'node:stream';
import { LikestreamError, RETRY_AFTER_S } from '../schemas/errors';

/** The bytes on which Node's parser failed, and why. */
export interface ParseError extends Error {
  readonly code?: string;
}

/** Answers bytes that Node refuses itself: no valid request, a head without end, a late body. */
export function refuseRaw(error: ParseError, socket: Duplex): void {
  if (!socket.writable || error.code === 'ECONNRESET' || isIdle(error, socket)) {
    socket.destroy();
    return;
  }
  const problem = new LikestreamError(codeOf(error));
  const { status, title } = problem;
  const body = JSON.stringify(problem.toProblem());
  const head = [
    `HTTP/1.1 ${status} ${title}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    ...(problem.retriable ? [`Retry-After: ${RETRY_AFTER_S}`] : []),
    'Connection: close',
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function codeOf({ code }: ParseError) {
  if (code === 'HPE_HEADER_OVERFLOW') return 'headers_too_large';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request_timeout' : 'malformed_request';
}

/** A connection that has sent nothing waits for no answer: proxies open some in advance. */
function isIdle({ code }: ParseError, socket: Duplex): boolean {
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' && 'bytesRead' in socket && socket.bytesRead === 0;
}
