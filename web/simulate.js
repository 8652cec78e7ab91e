const TICK_MS = 200;
const BURST = 50;

/** The server takes no more likes in one request. */
const MOST_PER_REQUEST = 50;

/** While the server is slow or unavailable, simulated likes are dropped. */
const MOST_REQUESTS = 4;

// Each entry is equally likely; in a real audience, most taps are on the big heart.
const MIX = [
  ...Array(11).fill('like'),
  ...Array(4).fill('love'),
  ...Array(3).fill('celebrate'),
  ...Array(2).fill('support'),
  ...Array(2).fill('funny'),
  'insightful',
];

const anyReaction = () => MIX[Math.floor(Math.random() * MIX.length)];

/**
 * Simulates an audience, so that one person alone can see the page in use.
 * @param {import('likestream-client').Live} live
 * @param {string} path of the likes
 */
export function createCrowd(live, path) {
  let timer;
  let rate = 8;
  let due = 0;
  let last = 0;
  let requests = 0;

  // Not by `like`, so that they are shown as those of others.
  async function send(count) {
    if (count === 0 || requests >= MOST_REQUESTS) return;
    const newLike = () => ({ likeId: live.id(), reaction: anyReaction() });
    const likes = Array.from({ length: Math.min(count, MOST_PER_REQUEST) }, newLike);
    requests += 1;
    await live.send('POST', path, { likes });
    requests -= 1;
  }

  function tick() {
    const now = performance.now();
    // The timer of a hidden tab runs once a second or less; at most one second is made up for.
    const seconds = Math.min(now - last, 1000) / 1000;
    last = now;
    due += rate * seconds * (0.4 + Math.random() * 1.2);
    const count = Math.floor(due);
    due -= count;
    send(count);
  }

  return {
    /** @param {boolean} on */
    run(on) {
      clearInterval(timer);
      last = performance.now();
      if (on) timer = setInterval(tick, TICK_MS);
    },
    /** @param {number} likesPerSecond */
    setRate(likesPerSecond) {
      rate = likesPerSecond;
    },
    burst: () => send(BURST),
  };
}
