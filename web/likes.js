import { uuidv7 } from './uuid.js';

const BATCH = 50;
const TRIES = 6;
const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 8000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** The time before the next try: the server's `Retry-After`, else one that doubles. */
function delay(attempt, response) {
  const requested = Number(response?.headers.get('Retry-After')) * 1000;
  if (requested > 0) return Math.min(requested, LONGEST_WAIT_MS) * (1 + Math.random() / 4);
  const guess = Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS);
  return guess * (0.75 + Math.random() / 2);
}

/**
 * Posts likes, one request at a time; the taps made meanwhile are sent together in the next one.
 * A retry repeats the same ids, so a like is counted once, however often it is sent.
 * @param {{videoId: string, token?: string,
 *   stored?: (milliseconds: number) => void,
 *   lost?: (likes: {likeId: string, reaction: string}[],
 *     problem?: {code?: string}) => void}} options
 */
export function createLikes({ videoId, token, stored = () => {}, lost = () => {} }) {
  const address = `/videos/${encodeURIComponent(videoId)}/likes`;
  const headers = { 'Content-Type': 'application/json' };
  if (token) headers.Authorization = `Bearer ${token}`;
  const waiting = [];
  let busy = false;

  function post(likes) {
    const body = JSON.stringify(likes.length === 1 ? likes[0] : { likes });
    // `keepalive`: the last tap is sent even if the tab is closed right after it.
    return fetch(address, { method: 'POST', headers, body, keepalive: true }).catch(() => null);
  }

  async function deliver(likes) {
    const startedAt = performance.now();
    let problem;
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const response = await post(likes);
      if (response?.ok) return stored(performance.now() - startedAt);
      problem = await response?.json().catch(() => undefined);
      const isTemporary = !response || response.status === 429 || response.status >= 500;
      if (!isTemporary) break;
      if (attempt < TRIES - 1) await pause(delay(attempt, response));
    }
    lost(likes, problem);
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
