import type { ChannelEvent } from './events';
import { createSilence } from './silence';
import type { Status } from './types';
import type { Wants } from './wants';

/** A tab, and what it wants now; `isHidden`: it has been hidden for so long that it needs nothing. */
export type Tab = readonly [tab: string, wants: Wants, isHidden: boolean];

/** What the tabs of one site and member send each other; tuples, so that builds agree on them. */
export type Message =
  /** A new tab gets the answers of all others. */
  | readonly [kind: 'tab', tab: Tab, isNew: boolean]
  | readonly [kind: 'event', name: string, data: unknown, id: string | undefined]
  | readonly [kind: 'status', status: Status]
  /** What the leading tab knows, for a new one. */
  | readonly [kind: 'state', tab: string, events: readonly ChannelEvent[], lastId: string]
  | readonly [kind: 'cut'];

export interface Tabs {
  post(...message: Message): void;
  /** Calls `then` in one tab after the other once this one has ended; without locks at once. */
  whenGone(tab: string, then: () => void): void;
}

/**
 * Finds the one tab that opens the stream: it holds a lock. Each tab holds one of its own, too.
 * @param name the same for all tabs that may share a stream; without one this tab is alone
 * @param joined is called when the others can hear this tab
 * @param lead is called with whether this tab opens the stream
 * @param mayTake whether this tab may take the lead from one that is silent
 */
export function createTabs(
  name: string,
  me: string,
  ended: AbortSignal,
  receive: (message: Message) => void,
  joined: () => void,
  lead: (isLeading: boolean) => void,
  mayTake: () => boolean,
): Tabs {
  const { locks } = navigator;
  if (!name || !locks) {
    joined();
    lead(true);
    return { post() {}, whenGone: (_, then) => then() };
  }
  const channel = new BroadcastChannel(name);
  const how = { signal: ended };

  /** Holds a lock until this tab ends, or another one takes it. */
  const keep = (tab: string, options: LockOptions, then: () => void) =>
    locks.request(name + tab, options, () => {
      then();
      return new Promise((resolve) => {
        ended.addEventListener('abort', resolve);
      });
    });

  function queue(options: LockOptions): void {
    keep('', options, () => lead(true)).catch(() => {
      if (ended.aborted) return;
      lead(false);
      queue(how);
    });
  }

  const heard = createSilence(() => {
    heard();
    if (mayTake()) queue({ steal: true });
  }, ended);
  channel.onmessage = ({ data }) => {
    heard();
    receive(data);
  };
  ended.addEventListener('abort', () => channel.close());
  keep(me, how, () => {
    joined();
    queue(how);
  }).catch(() => {});

  return {
    post: (...message) => channel.postMessage(message),
    whenGone(tab, then) {
      locks.request(name + tab, how, then).catch(() => {});
    },
  };
}
