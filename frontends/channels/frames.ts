import { type Frame, frameOf } from '../../schemas/frame';

/** An event without its id. JSON has no line breaks, so `data:` needs no further escaping. */
export function eventLines(event: string, data: object): string {
  return linesOf(event, JSON.stringify(data));
}

/** As `eventLines`, of data that are encoded already. */
export function linesOf(event: string, json: string): string {
  return `event: ${event}\ndata: ${json}\n`;
}

/** A complete event: its lines, the id and a blank line. */
export function withId(lines: string, id: string): string {
  return `${lines}id: ${id}\n\n`;
}

/** The first event of a stream, with the time after which the viewer shall reconnect. */
export function readyFrame(
  connectionId: string,
  channels: readonly string[],
  retryMs: number,
): Frame {
  return frameOf(`retry: ${retryMs}\n${eventLines('ready', { connectionId, channels })}\n`);
}

/** The last event before the server closes a stream on purpose. */
export function byeFrame(reason: string, retryMs: number): Frame {
  return frameOf(`retry: ${retryMs}\n${eventLines('bye', { reason, retryMs })}\n`);
}

/** An event without content, by which a page notices that its network is gone. */
export const PING_FRAME = frameOf(`${eventLines('ping', {})}\n`);
