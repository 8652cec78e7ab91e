import type { ChannelEvent } from './events';

/** More events than these are not kept: then a later tab asks the server. */
const MOST_EVENTS = 200;

/** The newest state of a channel: snapshots and what else came, by what it is about. */
export type Held = Map<string, ChannelEvent>;

/** What an event is about: a snapshot is about the types in it. */
export function keyOf({ data, name }: ChannelEvent): string {
  const { commentId, history, memberId, name: of }: { [key: string]: unknown } = { ...data };
  const parts = commentId ?? memberId ?? of ?? history;
  const about = name === 'snapshot' ? Object.keys({ ...data.seen }) : parts;
  return `${name} ${about}`;
}

/**
 * Adds an event instead of an earlier one about the same. Typing is over soon.
 * @returns whether others were dropped
 */
export function hold(held: Held, event: ChannelEvent): boolean {
  const { data, name } = event;
  const key = keyOf(event);
  const isFull = held.size > MOST_EVENTS;
  held.delete(key);
  // A snapshot has all that counts of the comments before it.
  if (name === 'snapshot' && data.comments) {
    for (const each of held.keys()) if (/^(comment|gap)/.test(each)) held.delete(each);
  }
  if (isFull) held.clear();
  if (name !== 'typing') held.set(key, event);
  return isFull;
}
