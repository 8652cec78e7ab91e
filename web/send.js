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
 * Returns a function that sends a request, and repeats it while the server or the network fails.
 * What it sends must have an id, or be harmless if it arrives twice.
 * @param {string} [token]
 */
export function createSender(token) {
  const headers = { 'Content-Type': 'application/json' };
  if (token) headers.Authorization = `Bearer ${token}`;

  function attempt(method, path, body) {
    const text = body === undefined ? undefined : JSON.stringify(body);
    // `keepalive`: the last tap is sent even if the tab is closed right after it.
    const options = { method, headers, body: text, keepalive: true };
    return fetch(path, options).catch(() => null);
  }

  /**
   * @param {string} method
   * @param {string} path
   * @param {object} [body]
   * @param {number} [tries]
   * @returns {Promise<{isOk: boolean, answer?: object}>} the answer, or the problem
   */
  return async (method, path, body, tries = TRIES) => {
    for (let at = 0; ; at++) {
      const response = await attempt(method, path, body);
      const answer = await response?.json().catch(() => undefined);
      if (response?.ok) return { isOk: true, answer };
      const isTemporary = !response || response.status === 429 || response.status >= 500;
      if (!isTemporary || at + 1 >= tries) return { isOk: false, answer };
      await pause(delay(at, response));
    }
  };
}
