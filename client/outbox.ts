import { NONE, type Send } from './send';
import type { Tally } from './tally';
import type { Answer } from './types';

/** The server takes no more likes in one request. */
const MOST_PER_REQUEST = 50;

/** The taps that may wait; further ones are refused, so that a page can't grow for ever. */
const MOST_WAITING = 20_000;

/** A tap that is not answered yet. */
export interface Tap {
  readonly likeId: string;
  readonly reaction?: string;
}

interface Waiting extends Tap {
  readonly resolve?: (answer: Answer) => void;
}

/** Sends the likes of one video, in one request at a time. */
export interface Outbox {
  add(tap: Tap): Promise<Answer>;
  /** Sends a tap of an earlier page. */
  restore(tap: Tap): void;
  /** The taps without an answer. */
  pending(): readonly Tap[];
}

export interface OutboxOptions {
  readonly path: string;
  readonly send: Send;
  readonly tally: Tally;
  /** Whether the connection is closed: then nothing is sent any more. */
  readonly isClosed: () => boolean;
  /** Something was answered, or added. */
  readonly changed: () => void;
}

const nameOf = ({ reaction = 'like' }: Tap): string => reaction;

/** The places in the answer to one like or several, by id. */
function placesIn(body: Answer['body']): Map<unknown, string> {
  const likes = Array.isArray(body?.likes) ? body.likes : [body];
  return new Map(likes.map((like) => [like?.likeId, String(like?.place)]));
}

export function createOutbox(options: OutboxOptions): Outbox {
  const { changed, isClosed, path, send, tally } = options;
  const waiting: Waiting[] = [];
  let batch: Waiting[] = [];

  async function deliver(): Promise<void> {
    const likes = batch.map(({ likeId, reaction }) => ({ likeId, ...(reaction && { reaction }) }));
    for (const { likeId } of likes) tally.sending(likeId);
    const answer = await send('POST', path, likes.length === 1 ? likes[0] : { likes });
    if (isClosed() && !answer.isOk) return;
    const places = placesIn(answer.body);
    for (const { likeId, resolve } of batch.splice(0)) {
      if (answer.isOk) tally.stored(likeId, places.get(likeId) ?? '');
      else tally.refused(likeId);
      resolve?.(answer);
    }
    changed();
  }

  async function flush(): Promise<void> {
    if (batch.length > 0) return;
    while (waiting.length > 0 && !isClosed()) {
      batch = waiting.splice(0, MOST_PER_REQUEST);
      await deliver();
    }
    if (isClosed()) for (const { resolve } of [...batch, ...waiting]) resolve?.(NONE);
  }

  return {
    add(tap) {
      if (waiting.length >= MOST_WAITING || isClosed()) return Promise.resolve(NONE);
      tally.tap(tap.likeId, nameOf(tap));
      const answer = new Promise<Answer>((resolve) => waiting.push({ ...tap, resolve }));
      // In a task of its own, so that taps of one moment are sent together.
      queueMicrotask(flush);
      changed();
      return answer;
    },
    restore(tap) {
      tally.restore(tap.likeId, nameOf(tap));
      waiting.push(tap);
      queueMicrotask(flush);
      changed();
    },
    pending: () => [...batch, ...waiting],
  };
}
