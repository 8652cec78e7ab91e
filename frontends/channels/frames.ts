import type { Counts } from '../../schemas/policies/counter';

/** A `data:` line's JSON is one line, so an event's parts need no escaping beyond JSON's own. */
function block(event: string, data: object): string {
  return `event: ${event}\ndata: ${JSON.stringify(data)}\n`;
}

/** The first event of a stream, with the time after which this viewer shall reconnect. */
export function readyFrame(connectionId: string, channels: readonly string[], retryMs: number) {
  return Buffer.from(`retry: ${retryMs}\n${block('ready', { connectionId, channels })}\n`);
}

/** The last event before the server closes a stream on purpose. */
export function byeFrame(reason: string, retryMs: number): Buffer {
  return Buffer.from(`retry: ${retryMs}\n${block('bye', { reason, retryMs })}\n`);
}

/** A comment: keeps the connection open. */
export const HEARTBEAT_FRAME = Buffer.from(':\n\n');

/** A channel's whole state; the id and the blank line that ends the block follow. */
export function snapshotLines(channel: string, total: number, reactions: Counts): string {
  return block('snapshot', { channel, total, reactions });
}

/** What has come since a viewer's place; the id and the blank line that ends the block follow. */
export function likesLines(
  channel: string,
  total: number,
  reactions: Counts,
  news: number,
  t: number,
): string {
  return block('likes', { channel, total, reactions, new: news, t });
}

/** The lines of an event with a viewer's place, as one block. */
export function withId(lines: string, id: string): Buffer {
  return Buffer.from(`${lines}id: ${id}\n\n`);
}
