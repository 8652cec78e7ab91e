import { type Frame, LAST_CHUNK } from '../../schemas/frame';

/**
 * The bytes that end a stream on purpose, with the frame `last` if it is given; undefined if there
 * are none, because HTTP/1.0 marks the end of a stream by the end of the connection alone.
 */
export function streamEnd(last: Frame | undefined, isPlain: boolean): Buffer | undefined {
  if (isPlain) return last?.plain;
  return last ? Buffer.concat([last.chunked, LAST_CHUNK]) : LAST_CHUNK;
}
