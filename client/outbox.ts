import type { NewLike, StoredLike } from './events';
import { NONE, type Send } from './send';
import type { Own, Tally } from './tally';
import type { Answer } from './types';

/** The server takes no more likes in one request. */
const MOST_PER_REQUEST = 50;

/** Own likes that may wait; further ones are refused, so that a page can't grow for ever. */
const MOST_WAITING = 20_000;

/** Sends the likes of one video, in one request at a time. */
export interface Outbox {
  /** @param isKnown whether an earlier page has made it: then it may be counted already */
  add(likeId: string, reaction: string | undefined, isKnown?: boolean): Promise<Answer>;
  /** The likes without an answer. */
  pending(): Own[];
}

/** @param changed is called when a like was added or answered */
export function createOutbox(
  path: string,
  send: Send,
  { move, own }: Pick<Tally, 'move' | 'own'>,
  changed: () => void,
): Outbox {
  const pending = () => [...own].filter(({ place }) => !place);
  let isBusy = false;

  /** Returns whether the next ones may be sent; without an answer the connection is closed. */
  async function deliver(batch: Own[]): Promise<boolean> {
    const likes: NewLike[] = batch.map(({ likeId, reaction }) => ({ likeId, reaction }));
    const answer = await send('POST', path, { likes });
    const { body, isOk, status } = answer;
    // In the order of the request.
    const bodies: StoredLike[] = Array.isArray(body?.likes) ? body.likes : [];
    batch.forEach((like, at) => {
      like.place = bodies[at]?.place ?? '';
      if (status && !isOk) {
        own.delete(like);
        move(like, -1);
      }
      like.resolve?.({ ...answer, body: bodies[at] ?? body });
    });
    changed();
    // A proxy may answer instead of the server: then they wait for the next tap.
    return isOk ? bodies.length > 0 : status > 0;
  }

  async function flush(): Promise<void> {
    if (isBusy) return;
    isBusy = true;
    let batch: Own[];
    do batch = pending().slice(0, MOST_PER_REQUEST);
    while (batch.length > 0 && (await deliver(batch)));
    isBusy = false;
  }

  return {
    pending,
    add(likeId, reaction, isKnown) {
      if (own.size >= MOST_WAITING) return Promise.resolve(NONE);
      return new Promise((resolve) => {
        const like = { likeId, reaction, place: '', resolve };
        own.add(like);
        if (!isKnown) move(like, 1);
        changed();
        // Later, so that the taps of one moment are sent together.
        queueMicrotask(flush);
      });
    },
  };
}
