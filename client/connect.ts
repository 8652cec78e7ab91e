import { createAddresses } from './addresses';
import { type Channel, createChannel } from './channel';
import { isChannelEvent } from './events';
import { createOutbox, type Outbox } from './outbox';
import { createSend, NONE } from './send';
import { createSource } from './source';
import { createTokens, memberIn } from './tokens';
import type { ConnectOptions, Handlers, LikesState, Live, Snapshot } from './types';
import { uuidv7 } from './uuid';
import type { Want, Wants } from './wants';

/** The path of a channel's entries, as `/videos/42` of `video:42`. */
function pathOf(channel: string): string {
  const at = channel.indexOf(':');
  return `/${channel.slice(0, at)}s/${encodeURIComponent(channel.slice(at + 1))}`;
}

/** A state of `GET …/likes` has its vector alone. */
function snapshotOf(channel: string, state: Snapshot | LikesState): Snapshot {
  const { seen = {} } = state;
  return { ...state, channel, seen: typeof seen === 'string' ? { likes: seen } : seen };
}

/** Connects this page to a likestream server. */
export function connect(options: ConnectOptions = {}): Live {
  const closed = new AbortController();
  const addresses = createAddresses(options.url);
  const tokens = createTokens(options.token);
  const send = createSend(addresses, tokens, closed.signal);
  const channels = new Map<string, Channel>();
  const outboxes = new Map<string, Outbox>();
  const ids = new Map<string, string>();
  let lastId = '';

  function channelOf(name: string): Channel {
    let channel = channels.get(name);
    if (!channel) {
      channel = createChannel(name, () => outboxes.get(name)?.pending().length ?? 0);
      channels.set(name, channel);
    }
    return channel;
  }

  function outboxOf(name: string): Outbox {
    let outbox = outboxes.get(name);
    if (!outbox) {
      const { showLikes, tally } = channelOf(name);
      outbox = createOutbox({
        ...{ path: `${pathOf(name)}/likes`, send, tally, changed: showLikes },
        isClosed: () => closed.signal.aborted,
      });
      outboxes.set(name, outbox);
    }
    return outbox;
  }

  function wants(): Wants {
    const found: Record<string, Want> = {};
    for (const [name, channel] of channels) {
      const want = channel.want();
      if (want) found[name] = { ...want, id: ids.get(name) };
    }
    return found;
  }

  const source = createSource({
    ...{ addresses, send, tokens, wants, lastId: () => lastId },
    status: (status) => options.status?.(status),
    event(name, data, id) {
      const event = { name, data };
      if (name === 'ready') for (const channel of channels.values()) channel.forgetTyping();
      if (isChannelEvent(event)) channels.get(event.data.channel)?.apply(event);
      if (id !== undefined) lastId = id;
    },
  });

  let isDue = false;
  function update(): void {
    // Once for all that a page watches at one moment.
    if (!isDue)
      queueMicrotask(() => {
        isDue = false;
        source.update();
      });
    isDue = true;
  }

  return {
    watch(name, handlers: Handlers, { id, state } = {}) {
      const channel = channelOf(name);
      if (state && !channel.held()) channel.hold(snapshotOf(name, state));
      if (id) ids.set(name, id);
      channel.add(handlers);
      update();
      return {
        like(reaction) {
          return outboxOf(name).add({ likeId: uuidv7(), ...(reaction && { reaction }) });
        },
        close() {
          channel.remove(handlers);
          if (!channel.want()) ids.delete(name);
          update();
        },
      };
    },
    send: (...given) => (closed.signal.aborted ? Promise.resolve(NONE) : send(...given)),
    id: uuidv7,
    memberId: async () => memberIn(await tokens.get()),
    cut: source.cut,
    close() {
      closed.abort();
      source.close();
      options.status?.({ state: 'closed' });
    },
  };
}
