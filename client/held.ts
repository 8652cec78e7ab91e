import type { ChannelEvent } from './events';

/** More events than these are not kept: then a later tab asks the server. */
const MOST_EVENTS = 200;

/** The key of a snapshot. */
export const SNAPSHOT = 'snapshot undefined';

/** The newest state of a channel: a snapshot and what came after it, by what it is about. */
export type Held = Map<string, ChannelEvent>;

/** What an event is about. */
export function keyOf({ data, name }: ChannelEvent): string {
  const { commentId, memberId, name: of }: { [key: string]: unknown } = { ...data };
  return `${name} ${commentId ?? memberId ?? of}`;
}

/**
 * Adds an event, in the place of an earlier one about the same. Typing is over soon.
 * @returns whether others were dropped
 */
export function hold(held: Held, event: ChannelEvent): boolean {
  const key = keyOf(event);
  if (event.name === 'snapshot') {
    const { data, name } = event;
    const before = held.get(key);
    const earlier = before?.name === name ? before.data : undefined;
    // With other types than before it completes what is held.
    for (const type in data.seen) if (earlier?.seen?.[type] !== undefined) held.clear();
    const seen = { ...earlier?.seen, ...data.seen };
    held.set(key, { name, data: { ...earlier, ...data, typing: [], seen } });
  } else if (event.name !== 'typing') {
    const isFull = held.size > MOST_EVENTS;
    held.delete(key);
    if (isFull) held.clear();
    held.set(key, event);
    return isFull;
  }
  return false;
}
