import type { ChannelEvent } from './events';

/** More events than these are not kept: then a later tab asks the server. */
const MOST_EVENTS = 200;

/** The fields of a snapshot that have what events of another name change. */
const FIELDS: Readonly<Record<string, string>> = {
  likes: 'total',
  comment: 'comments',
  comment_deleted: 'comments',
  gap: 'comments',
  attribute: 'attributes',
  receipt: 'receipts',
  presence: 'online',
};

const fieldOf = (name: string): string => FIELDS[name] ?? name;

/** The event type of an event. */
export function typeOf(name: string): string {
  const field = fieldOf(name);
  return field.endsWith('s') ? field : name;
}

/** The newest state of a channel: a snapshot and what came after it, by what it is about. */
export type Held = Map<string, ChannelEvent>;

/** Adds an event, in the place of earlier ones about the same. Typing is over soon. */
export function hold(held: Held, event: ChannelEvent): void {
  const { data, name } = event;
  if (name === 'typing') return;
  if (name === 'snapshot') {
    const before = held.get(name);
    for (const [key, other] of held) if (fieldOf(other.name) in data) held.delete(key);
    const seen = { ...(before?.name === name && before.data.seen), ...data.seen };
    held.set(name, { name, data: { ...before?.data, ...data, typing: [], seen } });
    return;
  }
  const key = keyOf(event);
  held.delete(key);
  if (held.size > MOST_EVENTS) held.clear();
  held.set(key, event);
}

/** What an event is about. */
export function keyOf({ data, name }: ChannelEvent): string {
  const { commentId, memberId, name: of }: { [key: string]: unknown } = { ...data };
  return `${name} ${commentId ?? memberId ?? of}`;
}
