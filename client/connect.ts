import { type Channel, createChannel, wantOf } from './channel';
import { isChannelEvent } from './events';
import { oncePerFrame, oncePerTask } from './frames';
import { followPage } from './lifecycle';
import { createSend } from './send';
import { createSource, type Source } from './source';
import { createTabs, type Message, type Tab, type Tabs } from './tabs';
import { saveTaps, tabsWithTaps, takeTaps } from './taps';
import { createTokens, memberIn } from './tokens';
import type { ConnectOptions, Live, Status } from './types';
import { uuidv7 } from './uuid';
import { wait } from './wait';
import { unionOf, type Want } from './wants';

/** The time after which a token function that failed is asked again. */
const TOKEN_AGAIN_MS = 5000;

/** Connects this page to a likestream server. */
export function connect(options: ConnectOptions = {}): Live {
  const { shareTabs = true, url = '' } = options;
  const ended = new AbortController();
  const closed = ended.signal;
  const addresses = [url].flat().map((each) => each.replace(/\/$/, ''));
  const tokens = createTokens(options.token);
  const send = createSend(addresses, tokens, closed);
  const channels = new Map<string, Channel>();
  const ids = new Map<string, string>();
  const peers = new Map<string, Tab>();
  const listeners = new Set<(status: Status) => void>();
  const me = uuidv7();
  let isHidden = false;
  let status: Status = { state: 'connecting' };
  let lastId = '';
  let name = '';
  let tabs: Tabs | undefined;
  let source: Source | undefined;

  function channelOf(of: string): Channel {
    const channel = channels.get(of) ?? createChannel(of, send, save);
    channels.set(of, channel);
    return channel;
  }

  const save = oncePerFrame(() => {
    const taps = [...channels].flatMap(([of, { pending }]) => {
      return pending().map(({ likeId, reaction }) => [of, likeId, reaction] as const);
    });
    saveTaps(name + me, taps);
  });

  function adopt(tab: string): void {
    for (const [of, likeId, reaction] of takeTaps(name + tab)) {
      void channelOf(of).add(likeId, reaction, true);
    }
  }

  function setStatus(given: Status): void {
    status = given;
    for (const listener of listeners) listener(given);
  }

  function handle(event: { name: string; data: unknown }, id = lastId): void {
    lastId = id;
    if (isChannelEvent(event)) channelOf(event.data.channel).apply(event);
    else if (event.name === 'ready') {
      for (const { handlers } of channels.values()) for (const each of handlers) each.ready?.();
    }
  }

  /** As the leading tab, opens what all tabs want. */
  function direct(): void {
    const all = [...peers.values()];
    source?.want(all.every(([, , hidden]) => hidden) ? {} : unionOf(all.map(([, wants]) => wants)));
  }

  function tell(isNew = false): void {
    const wants: Record<string, Want> = {};
    for (const [of, channel] of channels) {
      const want = wantOf(channel, ids.get(of));
      if (want) wants[of] = want;
    }
    const tab: Tab = [me, wants, isHidden];
    peers.set(me, tab);
    tabs?.post('tab', tab, isNew);
    direct();
  }

  function meet(tab: Tab, isNew: boolean): void {
    const [id, wants] = tab;
    const before = peers.get(id);
    peers.set(id, tab);
    if (!before) {
      tabs?.whenGone(id, () => {
        peers.delete(id);
        adopt(id);
        direct();
      });
    }
    if (isNew) tell();
    if (!source) return;
    if (isNew) {
      const events = [...channels.values()].flatMap(({ held }) => [...held.values()]);
      tabs?.post('state', id, events, lastId);
      tabs?.post('status', status);
    }
    // A state that began with an id has no snapshot for this tab, and one that grew too large.
    for (const of in wants) {
      const { held } = channelOf(of);
      const isPart = !held.has('snapshot') && (held.size > 0 || ids.has(of));
      if (isPart && !before?.[1][of]) source.rejoin(of);
    }
    direct();
  }

  function receive(message: Message): void {
    if (message[0] === 'tab') meet(message[1], message[2]);
    if (message[0] === 'event') handle({ name: message[1], data: message[2] }, message[3]);
    if (message[0] === 'status') setStatus(message[1]);
    if (message[0] === 'cut') source?.cut();
    if (message[0] === 'state' && message[1] === me) {
      for (const event of message[2]) handle(event, message[3]);
    }
  }

  function lead(isLeading: boolean): void {
    source?.want({});
    source = undefined;
    if (!isLeading) return;
    source = createSource(
      ...([addresses, tokens, send, () => lastId] as const),
      (of, data, id) => {
        handle({ name: of, data }, id);
        tabs?.post('event', of, data, id);
      },
      (given) => {
        setStatus(given);
        tabs?.post('status', given);
      },
    );
    direct();
  }

  /** Joins the other tabs of the site and member. */
  async function begin(life: AbortSignal): Promise<void> {
    let token: string | undefined;
    const ask = async () => {
      token = await tokens.get();
    };
    while (
      !(await ask().then(
        () => true,
        () => false,
      ))
    )
      await wait(TOKEN_AGAIN_MS, life);
    if (life.aborted) return;
    name = `likestream ${addresses} ${memberIn(token) ?? ''} `;
    tabs = createTabs(
      ...([shareTabs ? name : '', me, life, receive] as const),
      () => queueMicrotask(() => tell(true)),
      lead,
      () => !source && !document.hidden && status.state !== 'refused',
    );
    for (const tab of tabsWithTaps(name)) tabs.whenGone(tab, () => adopt(tab));
    life.addEventListener('abort', () => {
      lead(false);
      tabs = undefined;
    });
  }

  const tellSoon = oncePerTask(tell);
  if (options.status) listeners.add(options.status);
  followPage(
    closed,
    begin,
    (isNow) => {
      isHidden = isNow;
      tell();
    },
    options.pauseAfterMs,
  );

  return {
    watch(of, handlers, { id, state } = {}) {
      const { add, apply, handlers: all, held, replay } = channelOf(of);
      if (state && !held.has('snapshot')) {
        const { seen = {} } = state;
        const vectors = typeof seen === 'string' ? { likes: seen } : seen;
        apply({ name: 'snapshot', data: { ...state, channel: of, seen: vectors } });
      }
      if (id) ids.set(of, id);
      all.add(handlers);
      queueMicrotask(() => replay(handlers));
      tellSoon();
      return {
        like: (reaction) => add(uuidv7(), reaction),
        close() {
          all.delete(handlers);
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
    cut() {
      source?.cut();
      tabs?.post('cut');
    },
    close() {
      ended.abort();
      setStatus({ state: 'closed' });
    },
  };
}
