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

  /** Drops the rows without a comment, of the last `among`. */
  function dropUnwanted(comments, among) {
    const wanted = new Set(comments.map(({ commentId }) => commentId));
    for (const { dataset } of [...list.children].slice(-among)) {
      if (!wanted.has(dataset.id)) drop(dataset.id);
    }
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
     * @param {{most: number, mostNew: number, spare: number}} limits `most` rows have the newest
     *   comments; `mostNew` are made, and comments that have none are passed over; `spare` ones of
     *   older comments may stay above them, because without them all others would move
     * @returns {boolean} whether each comment has its row, of the newest `most`
     */
    arrange(comments, { most, mostNew, spare }) {
      dropUnwanted(comments, spare === 0 ? list.childElementCount : most);
      let [count, made] = [0, 0];
      let next = null;
      for (const comment of comments.toReversed()) {
        if (count === most) break;
        let known = rows.get(comment.commentId);
        if (!known && made === mostNew) continue;
        count += 1;
        if (!known) {
          made += 1;
          known = make(comment);
        } else if (known.comment !== comment) refill(known, comment);
        const { row } = known;
        if (row.nextSibling !== next || !row.isConnected) list.insertBefore(row, next);
        next = row;
      }
      const surplus =
        list.childElementCount > most + spare ? [...list.children].slice(0, -most) : [];
      for (const { dataset } of surplus) drop(dataset.id);
      return rows.size === Math.min(most, comments.length);
    },
  };
}
