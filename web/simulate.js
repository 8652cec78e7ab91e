const TICK_MS = 200;
const BACKLOG = 200;
const BURST = 50;

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
 * @param {{send: (reaction: string) => void, backlog: () => number}} likes a sender of its own,
 *   so that the viewer's taps never wait behind simulated ones
 */
export function createCrowd(likes) {
  let timer;
  let rate = 8;
  let pending = 0;
  let last = 0;

  function send(count) {
    // While the server is unavailable, simulated likes are dropped, so that they do not flood it.
    const room = Math.max(0, BACKLOG - likes.backlog());
    for (let i = 0; i < Math.min(count, room); i++) likes.send(anyReaction());
  }

  function tick() {
    const now = performance.now();
    // The timer of a hidden tab runs once a second or less; at most one second is made up for.
    const seconds = Math.min(now - last, 1000) / 1000;
    last = now;
    pending += rate * seconds * (0.4 + Math.random() * 1.2);
    const due = Math.floor(pending);
    pending -= due;
    send(due);
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
