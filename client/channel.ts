import type { ChannelEvent } from './events';
import { oncePerFrame } from './frames';
import { type Held, hold, keyOf, typeOf } from './held';
import { createOutbox, type Outbox } from './outbox';
import type { Send } from './send';
import { createTally } from './tally';
import type { Handlers } from './types';
import type { Want } from './wants';

/** Handlers of no event type. */
const NO_TYPE = ['snapshot', 'ready'];

/** A channel in this tab: its newest state, its own likes, and who hears of it. */
export interface Channel extends Outbox {
  readonly held: Held;
  readonly handlers: Set<Handlers>;
  /** An event of the stream. */
  apply(event: ChannelEvent): void;
  /** Gives handlers that are new the newest state. */
  replay(handlers: Handlers): void;
}

/** What handlers want of a channel, or undefined. A snapshot alone is one of all types. */
export function wantOf({ handlers }: Channel, id: string | undefined): Want | undefined {
  const names = [...handlers].flatMap((each) => Object.keys(each).filter((name) => each[name]));
  const types = names.filter((name) => !NO_TYPE.includes(name)).map(typeOf);
  return names[0] ? { types: [...new Set(types)], id } : undefined;
}

function call(handlers: Handlers, { data, name }: ChannelEvent): void {
  if (name === 'snapshot') {
    const { attributes, online, viewers } = data;
    handlers.snapshot?.(data);
    if (viewers !== undefined) handlers.viewers?.(viewers);
    if (online !== undefined) handlers.presence?.({ ...data, online });
    for (const key in attributes) handlers.attribute?.({ name: key, value: attributes[key] });
  } else if (name === 'viewers') handlers.viewers?.(data.viewers);
  else if (name !== 'likes') handlers[name]?.(data as never);
}

/** @param changed is called when own likes were added or answered */
export function createChannel(name: string, send: Send, changed: () => void): Channel {
  const tally = createTally();
  const handlers = new Set<Handlers>();
  const held: Held = new Map();
  let t: number | undefined;

  const showLikes = oncePerFrame(() => {
    const shown = tally.take();
    if (!shown) return;
    const pending = outbox.pending().length;
    for (const each of handlers) each.likes?.({ ...shown, pending, t });
    t = undefined;
  });

  const [kind, id] = name.split(':');
  const outbox = createOutbox(`/${kind}s/${id}/likes`, send, tally, () => {
    showLikes();
    changed();
  });

  return {
    ...{ ...outbox, held, handlers },
    apply(event) {
      const { data, name: of } = event;
      // The tab that led before may have sent it to this one, and not to the one that leads now.
      if (of === 'comment' && held.has(keyOf(event))) return;
      hold(held, event);
      if (of === 'likes') t ??= data.t;
      if ('reactions' in data && data.reactions) {
        const { seen } = data;
        tally.state(data.reactions, (typeof seen === 'string' ? seen : seen?.likes) ?? '');
        showLikes();
      }
      for (const each of handlers) call(each, event);
    },
    replay(given) {
      for (const event of held.values()) call(given, event);
      showLikes();
    },
  };
}
