/**
 * Computes increases from absolute counts, and subtracts the viewer's own taps, because those were
 * shown when they were made.
 */
export function createTally() {
  let seen = null;
  const own = new Map();

  /** Returns how many of an increase are the viewer's own taps, which are not pending any more. */
  function takeOwn(reaction, increase) {
    const pending = own.get(reaction) ?? 0;
    const mine = Math.min(pending, increase);
    own.set(reaction, pending - mine);
    return mine;
  }

  return {
    /** @param {string} reaction of a tap that was shown */
    tapped(reaction) {
      own.set(reaction, (own.get(reaction) ?? 0) + 1);
    },

    /** @param {string} reaction of a tap that was given up, so it will not be counted */
    lost(reaction) {
      takeOwn(reaction, 1);
    },

    /**
     * @param {Record<string, number>} reactions absolute counts
     * @returns {{all: number, others: Record<string, number>}} the increases since the last call
     */
    advance(reactions) {
      const others = {};
      let all = 0;
      for (const [reaction, count] of Object.entries(reactions)) {
        // The first counts are not an increase.
        const increase = seen ? Math.max(0, count - (seen[reaction] ?? 0)) : 0;
        const byOthers = increase - takeOwn(reaction, increase);
        if (byOthers > 0) others[reaction] = byOthers;
        all += increase;
      }
      if (!seen) own.clear();
      seen = { ...reactions };
      return { all, others };
    },
  };
}
