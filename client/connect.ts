import { createChannels } from './channels';
import { oncePerTask } from './frames';
import { type Group, joinGroup } from './group';
import { SNAPSHOT } from './held';
import { followPage } from './lifecycle';
import { createSend } from './send';
import { createSource } from './source';
import { createTokens, memberIn } from './tokens';
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
  const send = createSend(addresses, tokens, ended.signal);
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
    let member: string | undefined;
    for (let isKnown = false; !isKnown; ) {
      try {
        member = memberIn(await tokens.get());
        isKnown = true;
      } catch {
        await wait(TOKEN_AGAIN_MS, life);
      }
      if (life.aborted) return;
    }
    const name = `likestream ${addresses} ${member} `;
    channels.key = name + me;
    const lastId = () => channels.lastId;
    group = joinGroup(name, shareTabs, me, life, channels, setStatus, (own) =>
      createSource({ ...own, addresses, tokens, send, lastId }),
    );
  };

  const tellSoon = oncePerTask(() => group?.tell());
  followPage(ended.signal, begin, (isHidden) => group?.hide(isHidden), pauseAfterMs);

  return {
    watch(name, handlers, { id, state } = {}) {
      const channel = channels.of(name);
      channel.id ??= id;
      channel.isPart ||= id !== undefined;
      if (state && !channel.held.has(SNAPSHOT)) {
        const { seen = {} } = state;
        const vectors = typeof seen === 'string' ? { likes: seen } : seen;
        channel.apply({ name: 'snapshot', data: { ...state, channel: name, seen: vectors } });
      }
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
