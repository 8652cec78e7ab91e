const TICK_MS = 200;
const BACKLOG = 200;
const BURST = 50;

// Drawn from with equal chance: a real audience mostly taps the big heart.
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
 * Plays an audience, so that one person alone sees the page live.
 * @param {{send: (reaction: string) => void, backlog: () => number}} likes a sender of its own,
 *   so that the viewer's own taps never queue behind the crowd's
 */
export function createCrowd(likes) {
  let timer;
  let rate = 8;
  let owed = 0;
  let last = 0;

  function send(count) {
    // With the server away, a crowd that only piles up would flood it on its return.
    const room = Math.max(0, BACKLOG - likes.backlog());
    for (let i = 0; i < Math.min(count, room); i++) likes.send(anyReaction());
  }

  function tick() {
    const now = performance.now();
    // A hidden tab's timer runs once a second or less: at most that much is made up for.
    const seconds = Math.min(now - last, 1000) / 1000;
    last = now;
    owed += rate * seconds * (0.4 + Math.random() * 1.2);
    const due = Math.floor(owed);
    owed -= due;
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
