import { fillRow } from './comment-row.js';

/** The comments that the page keeps. */
const MOST_SHOWN = 200;

/** New comments are shown together, so that many a second cost little time of the page. */
const SHOW_EVERY_MS = 100;

/** How far from its end the list may be scrolled and still follows new comments, px. */
const NEAR_END = 60;

/**
 * Shows comments, each id once.
 * @param {HTMLElement} list an `ol`
 * @param {{remove: (commentId: string) => void}} on
 */
export function createCommentList(list, on) {
  /** @type {Map<string, HTMLElement>} */
  const rows = new Map();
  const deleted = new Set();
  const online = new Set();
  let waiting = [];
  let timer;

  function rowOf(comment, kind) {
    let row = rows.get(comment.commentId);
    const isNew = !row;
    row ??= document.createElement('li');
    rows.set(comment.commentId, row);
    fillRow(row, comment, { ...kind, isOnline: online.has(comment.memberId), remove: on.remove });
    return isNew ? row : undefined;
  }

  function show() {
    timer = undefined;
    const isAtEnd = list.scrollHeight - list.scrollTop - list.clientHeight < NEAR_END;
    const added = document.createDocumentFragment();
    for (const [comment, kind] of waiting.slice(-MOST_SHOWN)) {
      if (deleted.has(comment.commentId)) continue;
      const row = rowOf(comment, kind);
      if (row) added.append(row);
    }
    waiting = [];
    list.append(added);
    while (list.children.length > MOST_SHOWN) drop(list.firstElementChild);
    if (isAtEnd) list.scrollTop = list.scrollHeight;
  }

  function drop(row) {
    rows.delete(row.dataset.id);
    row.remove();
  }

  return {
    /** @param {object} comment @param {{isOwn: boolean, isPending?: boolean}} kind */
    add(comment, kind) {
      waiting.push([comment, kind]);
      timer ??= setTimeout(show, SHOW_EVERY_MS);
    },
    /** Shows an own comment at once. */
    addNow(comment) {
      waiting.push([comment, { isOwn: true, isPending: true }]);
      clearTimeout(timer);
      show();
      list.scrollTop = list.scrollHeight;
    },
    remove(commentId) {
      deleted.add(commentId);
      const row = rows.get(commentId);
      if (row) drop(row);
    },
    setOnline(memberId, isOnline) {
      if (isOnline) online.add(memberId);
      else online.delete(memberId);
      for (const row of rows.values()) {
        if (row.dataset.member === memberId) row.querySelector('.online').hidden = !isOnline;
      }
    },
  };
}
