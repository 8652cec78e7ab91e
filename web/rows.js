/**
 * The rows of a list of comments, the oldest first.
 * @param {HTMLElement} list
 * @param {(row: HTMLElement, comment: import('likestream-client/conversation').ShownComment) => void} fill
 *   writes a comment into an empty row, or into its own one
 */
export function createRows(list, fill) {
  /** @type {Map<string, {row: HTMLElement, comment: object}>} */
  const rows = new Map();

  function drop(id) {
    rows.get(id).row.remove();
    rows.delete(id);
  }

  function refill(known, comment) {
    known.comment = comment;
    fill(known.row, comment);
  }

  function make(comment) {
    const made = { row: document.createElement('li') };
    rows.set(comment.commentId, made);
    refill(made, comment);
    return made;
  }

  return {
    has: (id) => rows.has(id),
    /** Fills the rows of a member again. */
    fillOf(memberId) {
      for (const known of rows.values()) {
        if (known.comment.memberId === memberId) refill(known, known.comment);
      }
    },
    /**
     * Brings the rows into the order of the comments, beginning with the newest.
     * @param {number} most rows in the list; the older ones are dropped
     * @param {number} mostNew rows that are made; comments that have none are passed over
     * @returns {boolean} whether each comment has its row, of the newest `most`
     */
    arrange(comments, most, mostNew) {
      const wanted = new Set(comments.map(({ commentId }) => commentId));
      for (const id of rows.keys()) if (!wanted.has(id)) drop(id);
      let [count, made] = [0, 0];
      let next = null;
      for (const comment of comments.toReversed()) {
        let known = rows.get(comment.commentId);
        if (!known && (made === mostNew || count === most)) continue;
        if (count === most) {
          drop(comment.commentId);
          continue;
        }
        count += 1;
        if (!known) {
          made += 1;
          known = make(comment);
        } else if (known.comment !== comment) refill(known, comment);
        const { row } = known;
        if (row.nextSibling !== next || !row.isConnected) list.insertBefore(row, next);
        next = row;
      }
      return rows.size === Math.min(most, comments.length);
    },
  };
}
