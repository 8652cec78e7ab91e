import { uuidv7 } from './uuid.js';

const BATCH = 50;
const TRIES = 6;
const FIRST_WAIT_MS = 300;
const LONGEST_WAIT_MS = 8000;

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** How long to wait before trying again; the server's own word goes before the growing guess. */
function delay(attempt, response) {
  const asked = Number(response?.headers.get('Retry-After')) * 1000;
  if (asked > 0) return Math.min(asked, LONGEST_WAIT_MS) * (1 + Math.random() / 4);
  const guess = Math.min(FIRST_WAIT_MS * 2 ** attempt, LONGEST_WAIT_MS);
  return guess * (0.75 + Math.random() / 2);
}

/**
 * Posts likes, one request at a time; taps that come meanwhile travel together in the next one.
 * A retry repeats the same ids, so a like is counted once however often it has to be sent.
 * @param {{videoId: string, token?: string,
 *   taken?: (milliseconds: number) => void,
 *   lost?: (likes: {likeId: string, reaction: string}[], problem?: {code?: string}) => void}} options
 */
export function createLikes({ videoId, token, taken = () => {}, lost = () => {} }) {
  const address = `/videos/${encodeURIComponent(videoId)}/likes`;
  const headers = { 'Content-Type': 'application/json' };
  if (token) headers.Authorization = `Bearer ${token}`;
  const waiting = [];
  let busy = false;

  function post(likes) {
    const body = JSON.stringify(likes.length === 1 ? likes[0] : { likes });
    // `keepalive`: a last tap still arrives when the tab is closed right after it.
    return fetch(address, { method: 'POST', headers, body, keepalive: true }).catch(() => null);
  }

  async function deliver(likes) {
    const began = performance.now();
    let problem;
    for (let attempt = 0; attempt < TRIES; attempt++) {
      const response = await post(likes);
      if (response?.ok) return taken(performance.now() - began);
      problem = await response?.json().catch(() => undefined);
      const passing = !response || response.status === 429 || response.status >= 500;
      if (!passing) break;
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
    /** @returns {number} likes not yet on their way */
    backlog: () => waiting.length,
  };
}
