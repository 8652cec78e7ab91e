const TRIES = 40;
const TRY_MS = 250;

const grouped = new Intl.NumberFormat('en');
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/**
 * A switch that keeps this page without a connection, and compares the totals afterwards.
 * @param {{live: import('likestream-client').Live, path: string, input: HTMLInputElement,
 *   line: HTMLElement, shown: () => number, pulled: () => void}} options `path`: of the likes;
 *   `shown`: the total that the page shows; `pulled` is called when the plug is pulled
 */
export function createPlug({ live, path, input, line, shown, pulled }) {
  let isConnected = false;
  let isBetweenTries = false;
  let pulledAt = 0;
  let isWaiting = false;

  function say(words, state) {
    line.textContent = words;
    line.dataset.state = state;
  }

  /** Compares until the page has what the server had when it was asked. */
  async function compare(seconds) {
    for (let tries = 0; tries < TRIES && isConnected && !input.checked; tries++) {
      const before = shown();
      const { body } = await live.send('GET', path, undefined, 1);
      await pause(TRY_MS);
      const total = body?.total;
      if (!(before <= total && total <= shown())) continue;
      const number = grouped.format(total);
      const words = `Back after ${seconds} s. The server has ${number}, this page has ${number}: exact.`;
      return say(words, 'exact');
    }
    if (isConnected && !input.checked) say('Not equal within ten seconds.', 'different');
  }

  input.addEventListener('change', () => {
    if (input.checked) {
      pulledAt = performance.now();
      say('No connection: hearts of others do not come. Yours are sent all the same.', 'out');
      live.cut();
      pulled();
      return;
    }
    isWaiting = true;
    say('Connecting again…', 'waiting');
    if (isConnected) back();
    else if (isBetweenTries) live.cut();
  });

  function back() {
    isWaiting = false;
    say('Connected again. Comparing the totals…', 'waiting');
    compare(((performance.now() - pulledAt) / 1000).toFixed(1));
  }

  return {
    get isOut() {
      return input.checked;
    },
    /** @param {import('likestream-client').Status} now */
    status({ state, retryMs }) {
      isConnected = state === 'connected';
      isBetweenTries = state === 'connecting' && retryMs > 0;
      if (isConnected && input.checked) live.cut();
      if (isConnected && !input.checked && isWaiting) back();
    },
  };
}
