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
  | readonly [
      kind: 'state',
      tab: string,
      events: readonly ChannelEvent[],
      lastId: string,
      status: Status,
    ]
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
  name: string | false,
  me: string,
  life: AbortSignal,
  receive: (message: Message) => void,
  joined: (isNew: boolean) => void,
  lead: (isLeading: boolean) => void,
  mayTake: () => boolean,
): Tabs {
  const { locks } = navigator;
  const how = { signal: life };
  life.addEventListener('abort', () => lead(false));
  if (!name || !locks) {
    // Later, when the caller has the result.
    queueMicrotask(() => {
      joined(true);
      lead(true);
    });
    return { post() {}, whenGone: (_, then) => queueMicrotask(then) };
  }
  const channel = new BroadcastChannel(name);

  /** Holds a lock until this tab ends, or another one takes it. */
  const keep = (tab: string, options: LockOptions, then: () => void) =>
    locks.request(name + tab, options, () => {
      then();
      return new Promise((resolve) => {
        life.addEventListener('abort', resolve);
      });
    });

  const queue = (options: LockOptions) => {
    keep('', options, () => lead(true)).catch(() => {
      if (life.aborted) return;
      lead(false);
      queue(how);
    });
  };

  const heard = createSilence(() => {
    heard();
    if (mayTake()) queue({ steal: true });
  }, life);
  channel.onmessage = ({ data }) => {
    heard();
    receive(data);
  };
  life.addEventListener('abort', () => channel.close());
  keep(me, how, () => {
    joined(true);
    queue(how);
  }).catch(() => {});

  return {
    post: (...message) => channel.postMessage(message),
    whenGone(tab, then) {
      locks.request(name + tab, how, then).catch(() => {});
    },
  };
}
