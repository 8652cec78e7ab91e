import type { Counts } from '../../schemas/policies/counter';

/** An event without its id. JSON has no line breaks, so `data:` needs no further escaping. */
function block(event: string, data: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n`;
}

/** The first event of a stream, with the time after which the viewer shall reconnect. */
export function readyFrame(connectionId: string, channels: readonly string[], retryMs: number) {
  return Buffer.from(`retry: ${retryMs}\n${block('ready', { connectionId, channels })}\n`);
}

/** The last event before the server closes a stream on purpose. */
export function byeFrame(reason: string, retryMs: number): Buffer {
  return Buffer.from(`retry: ${retryMs}\n${block('bye', { reason, retryMs })}\n`);
}

/** A comment line, which keeps the connection open. */
export const HEARTBEAT_FRAME = Buffer.from(':\n\n');

/** An event with a channel's whole state; the id and a blank line must follow. */
export function snapshotLines(channel: string, total: number, reactions: Counts): string {
  return block('snapshot', { channel, total, reactions });
}

/** An event with `news` likes since a viewer's place; the id and a blank line must follow. */
export function likesLines(
  channel: string,
  total: number,
  reactions: Counts,
  news: number,
  t: number,
): string {
  return block('likes', { channel, total, reactions, new: news, t });
}

/** A complete event: its lines, the id and a blank line. */
export function withId(lines: string, id: string): Buffer {
  return Buffer.from(`${lines}id: ${id}\n\n`);
}
