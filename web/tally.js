/**
 * Turns absolute counts into "what came since", and takes the viewer's own taps out of it:
 * those were shown when they were made.
 */
export function createTally() {
  let seen = null;
  const own = new Map();

  /** How many of an increase are one's own taps coming back. */
  function settle(reaction, increase) {
    const pending = own.get(reaction) ?? 0;
    const mine = Math.min(pending, increase);
    own.set(reaction, pending - mine);
    return mine;
  }

  return {
    /** @param {string} reaction a tap, shown already */
    tapped(reaction) {
      own.set(reaction, (own.get(reaction) ?? 0) + 1);
    },

    /** @param {string} reaction a tap that was given up, so will never come back */
    lost(reaction) {
      settle(reaction, 1);
    },

    /**
     * @param {Record<string, number>} reactions absolute counts
     * @returns {{all: number, others: Record<string, number>}} what came since the last call
     */
    advance(reactions) {
      const others = {};
      let all = 0;
      for (const [reaction, count] of Object.entries(reactions)) {
        // The first counts are where this viewer came in, not news.
        const increase = seen ? Math.max(0, count - (seen[reaction] ?? 0)) : 0;
        const foreign = increase - settle(reaction, increase);
        if (foreign > 0) others[reaction] = foreign;
        all += increase;
      }
      if (!seen) own.clear();
      seen = { ...reactions };
      return { all, others };
    },
  };
}
