import type { ChannelEvent } from './events';
import { type Held, hold, keyOf } from './held';
import { createOutbox, type Outbox } from './outbox';
import type { Send } from './send';
import { soon } from './soon';
import { createTally } from './tally';
import type { Handlers } from './types';
import { ALL, NOTHING, type Wants } from './wants';

/** A channel in this tab: its newest state, its own likes, and who hears of it. */
export interface Channel extends Outbox {
  /** The id of a state that was rendered on the server. */
  id: string | undefined;
  /**
   * Whether `held` has the whole state; undefined before the server's first answer. Without the
   * whole state another tab must ask the server.
   */
  isKnown: boolean | undefined;
  readonly held: Held;
  readonly handlers: Set<Handlers>;
  /** What the handlers want. A snapshot alone is one of all types. */
  wants(): Wants;
  /** An event of the stream. */
  apply(event: ChannelEvent): void;
  /** Gives handlers that are new the newest state. */
  replay(handlers: Handlers): void;
}

/** The event type of an event. */
function typeOf(name: string): string {
  return /^comment|^gap/.test(name) ? 'comments' : name.replace(/^(attribute|receipt)$/, '$1s');
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

  const showLikes = () => {
    const shown = tally.take();
    const pending = outbox.pending().length;
    if (shown) for (const each of handlers) each.likes?.({ ...shown, pending, t });
    t = undefined;
  };
  const showLikesSoon = soon(showLikes);

  const outbox = createOutbox(`/${name.replace(':', 's/')}/likes`, send, tally, () => {
    showLikesSoon();
    changed();
  });

  const channel: Channel = {
    ...outbox,
    held,
    handlers,
    id: undefined,
    isKnown: undefined,
    wants() {
      const names = [...handlers].flatMap((each) => Object.keys(each).filter((key) => each[key]));
      const types = names.filter((key) => key !== 'snapshot' && key !== 'ready').map(typeOf);
      if (!names[0]) return NOTHING;
      return { types: types[0] ? types : [ALL], channels: { [name]: channel.id ?? '' } };
    },
    apply(event) {
      const { data, name: kind } = event;
      // The tab that led before may have sent it to this one, and not to the one that leads now.
      if (kind === 'comment' && held.has(keyOf(event))) return;
      if (hold(held, event)) channel.isKnown = false;
      if (kind === 'likes') {
        t ??= data.t;
        tally.state(data.reactions, data.seen);
        showLikesSoon();
      }
      if (kind === 'snapshot') {
        channel.isKnown = true;
        if (data.reactions) tally.state(data.reactions, data.seen?.likes ?? '');
        showLikesSoon();
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
