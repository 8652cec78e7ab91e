import { createChannels } from './channels';
import { type Group, joinGroup } from './group';
import { keyOf } from './held';
import { followPage } from './lifecycle';
import { createSend } from './send';
import { soon } from './soon';
import { createSource } from './source';
import { claimsOf, createTokens, memberIn } from './tokens';
import type { ConnectOptions, Live, Status } from './types';
import { uuidv7 } from './uuid';
import { wait } from './wait';

/** The time after which a token function that failed is asked again. */
const TOKEN_AGAIN_MS = 5000;

/** Connects this page to a likestream server. */
export function connect(options: ConnectOptions = {}): Live {
  const { pauseAfterMs, shareTabs = true, url = '' } = options;
  const ended = new AbortController();
  const addresses = [url].flat().map((each) => each.replace(/\/$/, ''));
  const tokens = createTokens(options.token);
  const server = { addresses, tokens };
  const send = createSend(server, ended.signal);
  const channels = createChannels(send);
  const listeners = new Set([options.status]);
  const me = uuidv7();
  let status: Status = { state: 'connecting' };
  let group: Group | undefined;

  const setStatus = (given: Status) => {
    status = given;
    for (const listener of listeners) listener?.(given);
  };

  /** Joins the other tabs of the site and member. */
  const begin = async (life: AbortSignal) => {
    channels.age();
    let name = '';
    while (!name) {
      try {
        name = `likestream ${addresses} ${claimsOf(await tokens.get()).sub} `;
      } catch {
        await wait(TOKEN_AGAIN_MS, life);
      }
      if (life.aborted) return;
    }
    channels.key = name + me;
    const lastId = () => channels.newestId;
    group = joinGroup(name, shareTabs, me, life, channels, setStatus, (tell) =>
      createSource(server, send, lastId, tell),
    );
  };

  const tellSoon = soon(() => group?.tell(), 0);
  followPage(ended.signal, begin, (isHidden) => group?.hide(isHidden), pauseAfterMs);

  return {
    watch(name, handlers, { id, state } = {}) {
      const channel = channels.of(name);
      channel.id ??= id;
      if (state) {
        const seen = typeof state.seen === 'string' ? { likes: state.seen } : { ...state.seen };
        const event = { name: 'snapshot' as const, data: { ...state, channel: name, seen } };
        // Once only: what came since is newer.
        if (!channel.isKnown && !channel.held.has(keyOf(event))) channel.apply(event);
      }
      if (id) channel.isKnown = false;
      channel.handlers.add(handlers);
      queueMicrotask(() => channel.replay(handlers));
      tellSoon();
      return {
        like: (reaction) => channel.add(uuidv7(), reaction),
        close() {
          channel.handlers.delete(handlers);
          tellSoon();
        },
      };
    },
    send,
    id: uuidv7,
    memberId: async () => memberIn(await tokens.get()),
    onStatus(listener) {
      listeners.add(listener);
      listener(status);
      return () => listeners.delete(listener);
    },
    cut: () => group?.cut(),
    close() {
      ended.abort();
      setStatus({ state: 'closed' });
    },
  };
}
