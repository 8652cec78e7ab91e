import type { ChannelEvent } from './events';
import { oncePerFrame } from './frames';
import { type Held, hold, keyOf } from './held';
import { createOutbox, type Outbox } from './outbox';
import type { Send } from './send';
import { createTally } from './tally';
import type { Handlers } from './types';
import type { Want } from './wants';

/** A channel in this tab: its newest state, its own likes, and who hears of it. */
export interface Channel extends Outbox {
  /** The id of a state that was rendered on the server. */
  id: string | undefined;
  /** Whether `held` lacks a part of the state, so that another tab must ask the server. */
  isPart: boolean;
  readonly held: Held;
  readonly handlers: Set<Handlers>;
  /** An event of the stream. */
  apply(event: ChannelEvent): void;
  /** Gives handlers that are new the newest state. */
  replay(handlers: Handlers): void;
}

/** The event type of an event. */
function typeOf(name: string): string {
  return /^comment|^gap/.test(name) ? 'comments' : name.replace(/^(attribute|receipt)$/, '$1s');
}

/** What handlers want of a channel, or undefined. A snapshot alone is one of all types. */
export function wantOf({ handlers, id }: Channel): Want | undefined {
  const names = [...handlers].flatMap((each) => Object.keys(each).filter((name) => each[name]));
  const types = names.filter((name) => name !== 'snapshot' && name !== 'ready').map(typeOf);
  return names[0] ? { types, id } : undefined;
}

function call(handlers: Handlers, { data, name }: ChannelEvent): void {
  if (name === 'viewers') handlers.viewers?.(data.viewers);
  else if (name !== 'likes') handlers[name]?.(data as never);
  if (name !== 'snapshot') return;
  const { attributes, online, viewers } = data;
  if (viewers !== undefined) handlers.viewers?.(viewers);
  if (online !== undefined) handlers.presence?.({ ...data, online });
  for (const key in attributes) handlers.attribute?.({ name: key, value: attributes[key] });
}

/** @param changed is called when own likes were added or answered */
export function createChannel(name: string, send: Send, changed: () => void): Channel {
  const tally = createTally();
  const handlers = new Set<Handlers>();
  const held: Held = new Map();
  let t: number | undefined;

  const showLikes = oncePerFrame(() => {
    const shown = tally.take();
    const pending = outbox.pending().length;
    if (shown) for (const each of handlers) each.likes?.({ ...shown, pending, t });
    t = undefined;
  });

  const [kind, of] = name.split(':');
  const outbox = createOutbox(`/${kind}s/${of}/likes`, send, tally, () => {
    showLikes();
    changed();
  });

  const channel: Channel = {
    ...{ ...outbox, held, handlers, id: undefined, isPart: false },
    apply(event) {
      const { data, name: kindOf } = event;
      // The tab that led before may have sent it to this one, and not to the one that leads now.
      if (kindOf === 'comment' && held.has(keyOf(event))) return;
      if (hold(held, event)) channel.isPart = true;
      if (kindOf === 'likes') t ??= data.t;
      if ('reactions' in data && data.reactions) {
        const { reactions, seen = '' } = data;
        if (kindOf === 'snapshot') channel.isPart = false;
        tally.state(reactions, typeof seen === 'string' ? seen : (seen.likes ?? ''));
        showLikes();
      }
      for (const each of handlers) call(each, event);
    },
    replay(given) {
      for (const event of held.values()) call(given, event);
      showLikes();
    },
  };
  return channel;
}
