import { fillRow } from './comment-row.js';

/** Comments that came together are shown over some frames, so that no frame takes long. */
const MOST_NEW_A_FRAME = 24;

/** When this little is left above, older comments are read. */
const NEAR_TOP_PX = 120;

/**
 * Shows comments.
 * @param {HTMLElement} list an `ol` in an element that scrolls, from its end
 * @param {{remove: (commentId: string) => void, older: () => Promise<boolean>}} on
 */
export function createComments(list, on) {
  const scroller = list.parentElement;
  /** @type {Map<string, HTMLElement>} */
  const rows = new Map();
  const online = new Set();
  let comments = [];
  let frame;
  let hasOlder = true;

  function fill(row, comment) {
    row.comment = comment;
    fillRow(row, comment, { isOnline: online.has(comment.memberId), remove: on.remove });
  }

  /** Brings the rows into the order of the comments, beginning with the newest. */
  function draw() {
    frame = undefined;
    const wanted = new Set(comments.map(({ commentId }) => commentId));
    for (const [id, row] of rows) {
      if (wanted.has(id)) continue;
      rows.delete(id);
      row.remove();
    }
    let left = MOST_NEW_A_FRAME;
    let next = null;
    for (const comment of comments.toReversed()) {
      let row = rows.get(comment.commentId);
      if (!row) {
        if (left === 0) return drawSoon();
        left -= 1;
        row = document.createElement('li');
        rows.set(comment.commentId, row);
      }
      if (row.comment !== comment) fill(row, comment);
      if (row.nextSibling !== next || !row.isConnected) list.insertBefore(row, next);
      next = row;
    }
  }

  function drawSoon() {
    if (frame === undefined) frame = requestAnimationFrame(draw);
  }

  async function readOlder() {
    const above = scroller.scrollHeight - scroller.clientHeight - Math.abs(scroller.scrollTop);
    if (!hasOlder || comments.length === 0 || above > NEAR_TOP_PX) return;
    hasOlder = false;
    hasOlder = await on.older();
  }

  // Not every browser lets keys scroll a list that has no focus.
  scroller.tabIndex = 0;
  scroller.addEventListener('scroll', readOlder, { passive: true });

  return {
    /** @param {import('/client/conversation.js').ShownComment[]} shown the oldest first */
    show(shown) {
      const last = shown.at(-1);
      if (last?.isPending && !rows.has(last.commentId)) scroller.scrollTop = 0;
      comments = shown;
      drawSoon();
    },
    setOnline(memberId, isOnline) {
      if (isOnline) online.add(memberId);
      else online.delete(memberId);
      for (const { dataset, comment } of rows.values()) {
        if (dataset.member === memberId) fill(rows.get(comment.commentId), comment);
      }
    },
  };
}
