import type { ChannelEvent } from './events';
import { oncePerFrame } from './frames';
import { reduce } from './reduce';
import { createTally, type Tally } from './tally';
import type { Handlers, Snapshot } from './types';
import { unionOf, type Want, type Wants } from './wants';

/** The event types of handlers whose name is another one. */
const TYPES: Readonly<Record<string, string>> = {
  comment: 'comments',
  comment_deleted: 'comments',
  gap: 'comments',
  attribute: 'attributes',
  receipt: 'receipts',
};

/** What handlers want of a channel. A snapshot alone is one of all types. */
function wantOf(channel: string, handlers: Handlers): Wants {
  const names = Object.keys(handlers).filter((name) => handlers[name]);
  if (names.length === 0) return {};
  const events = names.filter((name) => name !== 'snapshot');
  return { [channel]: { types: events.map((name) => TYPES[name] ?? name) } };
}

/** A channel in this tab: its newest state, and who hears of it. */
export interface Channel {
  readonly tally: Tally;
  /** The newest state; undefined before the first one. */
  held(): Snapshot | undefined;
  hold(state: Snapshot): void;
  apply(event: ChannelEvent): void;
  /** The stream is a new one: who was typing is not known any more. */
  forgetTyping(): void;
  add(handlers: Handlers): void;
  remove(handlers: Handlers): void;
  /** What its handlers want; undefined if there is none. */
  want(): Want | undefined;
  /** The own taps have changed. */
  showLikes(): void;
}

export function createChannel(name: string, pending: () => number): Channel {
  const tally = createTally();
  const all = new Set<Handlers>();
  let state: Snapshot | undefined;
  let t: number | undefined;

  const showLikes = oncePerFrame(() => {
    if (!tally.hasState) return;
    const seen = state?.seen?.likes ?? '';
    const shown = { ...tally.take(), pending: pending(), seen, ...(t !== undefined && { t }) };
    t = undefined;
    for (const handlers of all) handlers.likes?.(shown);
  });

  function count({ reactions, seen }: Snapshot): void {
    if (reactions) tally.state(reactions, seen?.likes ?? '');
  }

  function snapshotFor(handlers: Handlers, snapshot: Snapshot): void {
    const { attributes = {}, online, viewers } = snapshot;
    handlers.snapshot?.(snapshot);
    if (viewers !== undefined) handlers.viewers?.(viewers);
    if (online !== undefined) handlers.presence?.({ ...snapshot, online });
    for (const key in attributes) handlers.attribute?.({ name: key, value: attributes[key] });
  }

  function call(handlers: Handlers, event: ChannelEvent): void {
    const { data } = event;
    if (event.name === 'snapshot') snapshotFor(handlers, event.data);
    else if (event.name === 'viewers') handlers.viewers?.(event.data.viewers);
    else if (event.name !== 'likes') handlers[event.name]?.(data as never);
  }

  return {
    tally,
    held: () => state,
    hold(given) {
      state = given;
      count(given);
      showLikes();
      for (const handlers of all) snapshotFor(handlers, given);
    },
    apply(event) {
      const before = state ?? { channel: name };
      const { data, name: kind } = event;
      // Another tab may have heard less when it took over the stream.
      const isKnown =
        kind === 'comment' &&
        before.comments?.some(({ commentId }) => {
          return commentId === data.commentId;
        });
      if (isKnown) return;
      state = reduce(before, event);
      if (kind === 'likes' || kind === 'snapshot') {
        count(state);
        if (kind === 'likes') t = Math.min(t ?? data.t, data.t);
        showLikes();
      }
      for (const handlers of all) call(handlers, event);
    },
    forgetTyping() {
      for (const memberId of state?.typing ?? []) {
        const data = { channel: name, memberId, active: false };
        for (const handlers of all) handlers.typing?.(data);
      }
      if (state) state = { ...state, typing: [] };
    },
    add(handlers) {
      all.add(handlers);
      queueMicrotask(() => {
        if (!state || !all.has(handlers)) return;
        snapshotFor(handlers, state);
        showLikes();
      });
    },
    remove: (handlers) => all.delete(handlers),
    want: () => unionOf([...all].map((handlers) => wantOf(name, handlers)))[name],
    showLikes,
  };
}
