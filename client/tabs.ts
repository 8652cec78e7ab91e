import type { Message, Tell } from './messages';
import { createSilence } from './silence';

export interface Tabs {
  readonly post: Tell;
  /** Calls `then` in one tab after the other once this one has ended; without locks at once. */
  whenGone(tab: string, then: () => void): void;
}

/**
 * Finds the one tab that opens the stream: it holds a lock. Each tab holds one of its own, too.
 * @param name the same for all tabs that may share a stream; without one this tab is alone, as it
 *   is where it gets no lock: in a sandboxed frame
 * @param joined is called when the others can hear this tab
 * @param lead is called with whether this tab opens the stream, and whether it has taken the lead
 *   from a tab that may come back
 * @param mayTake whether this tab may take the lead from one that is silent
 */
export function createTabs(
  name: string | false,
  me: string,
  life: AbortSignal,
  receive: (message: Message) => void,
  joined: (isNew: boolean) => void,
  lead: (isLeading: boolean, isTaken?: boolean) => void,
  mayTake: () => boolean,
): Tabs {
  const { locks } = navigator;
  const how = { signal: life };
  const ended = new Promise((resolve) => {
    life.addEventListener('abort', () => {
      lead(false);
      resolve(true);
    });
  });
  let isAlone = false;
  const share = (hasLock: unknown) => {
    isAlone = !hasLock;
    if (life.aborted || !isAlone) return;
    joined(true);
    lead(true);
  };
  if (!name || !locks) {
    // Later, when the caller has the result.
    queueMicrotask(share as () => void);
    return { post() {}, whenGone: (_, then) => queueMicrotask(then) };
  }

  /** Calls `then` with a lock; resolves once it is not held any more, with whether it ever was. */
  const request = async (tab: string, options: LockOptions, then: () => unknown) => {
    let wasHeld = false;
    await locks
      .request(name + tab, options, () => {
        wasHeld = true;
        return then();
      })
      .catch(() => {});
    return wasHeld;
  };

  const queue = async (options: LockOptions) => {
    const take = () => {
      lead(true, options.steal);
      return ended;
    };
    // A page that is gone gets no lock, however often it asks.
    if (!(await request('', options, take)) || life.aborted) return;
    // Another tab has taken the lead.
    lead(false);
    queue(how);
  };

  const channel = new BroadcastChannel(name);
  const heard = createSilence(() => {
    heard();
    if (mayTake()) queue({ steal: true });
  }, life);
  channel.onmessage = ({ data }) => {
    heard();
    receive(data);
  };
  ended.then(() => channel.close());
  const join = () => {
    joined(true);
    queue(how);
    return ended;
  };
  request(me, how, join).then(share);

  return {
    post(...message) {
      if (!isAlone) channel.postMessage(message);
    },
    whenGone(tab, then) {
      request(tab, how, then);
    },
  };
}
