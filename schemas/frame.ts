/**
 * The bytes of one or more events, shared by all viewers that they are sent to. HTTP/1.1 carries
 * them as one chunk (RFC 9112, section 7.1), HTTP/1.0 without the size line and the line break.
 */
export interface Frame {
  readonly chunked: Buffer;
  /** A part of the same memory as `chunked`. */
  readonly plain: Buffer;
}

/** The end of a chunked stream: the last chunk, which is empty. */
export const LAST_CHUNK = Buffer.from('0\r\n\r\n');

/** Encodes a text, which must not be empty, as a frame. */
export function frameOf(text: string): Frame {
  const bytes = Buffer.byteLength(text);
  const sizeLine = `${bytes.toString(16)}\r\n`;
  const chunked = Buffer.from(`${sizeLine}${text}\r\n`);
  return { chunked, plain: chunked.subarray(sizeLine.length, sizeLine.length + bytes) };
}
