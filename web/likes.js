import { createSender } from './send.js';
import { uuidv7 } from './uuid.js';

const BATCH = 50;

/**
 * Posts likes, one request at a time; the taps made meanwhile are sent together in the next one.
 * A retry repeats the same ids, so a like is counted once, however often it is sent.
 * @param {{videoId: string, token?: string,
 *   stored?: (milliseconds: number) => void,
 *   lost?: (likes: {likeId: string, reaction: string}[],
 *     problem?: {code?: string}) => void}} options
 */
export function createLikes({ videoId, token, stored = () => {}, lost = () => {} }) {
  const path = `/videos/${encodeURIComponent(videoId)}/likes`;
  const send = createSender(token);
  const waiting = [];
  let busy = false;

  async function deliver(likes) {
    const startedAt = performance.now();
    const body = likes.length === 1 ? likes[0] : { likes };
    const { isOk, answer } = await send('POST', path, body);
    if (isOk) stored(performance.now() - startedAt);
    else lost(likes, answer);
  }

  async function flush() {
    if (busy) return;
    busy = true;
    while (waiting.length > 0) await deliver(waiting.splice(0, BATCH));
    busy = false;
  }

  return {
    /** @param {string} reaction */
    send(reaction) {
      waiting.push({ likeId: uuidv7(), reaction });
      flush();
    },
    /** @returns {number} likes that are not sent yet */
    backlog: () => waiting.length,
  };
}
