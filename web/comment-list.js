import { fillRow } from './comment-row.js';

/** The comments that the page keeps. */
const MOST_SHOWN = 200;

/** The deletions that the page remembers, for comments that come after their deletion. */
const MOST_DELETED = 1000;

/** Comments that came together are shown over some frames, so that no frame takes long. */
const FRAMES = 6;

/**
 * Shows comments, each id once.
 * @param {HTMLElement} list an `ol` in an element that scrolls
 * @param {{remove: (commentId: string) => void}} on
 */
export function createCommentList(list, on) {
  return new CommentList(list, on);
}

class CommentList {
  /** @type {Map<string, HTMLElement>} */
  #rows = new Map();
  #deleted = new Set();
  #online = new Set();
  #pending = new Set();
  #waiting = [];
  #self;
  #frame;

  constructor(list, on) {
    this.list = list;
    this.on = on;
    // Not every browser lets keys scroll a list that has no focus.
    list.parentElement.tabIndex = 0;
  }

  add(comment) {
    this.#waiting.push(comment);
    // A hidden tab has no frames.
    if (this.#waiting.length > 2 * MOST_SHOWN) this.#waiting.splice(0, MOST_SHOWN);
    this.#requestFrame();
  }

  /** Shows an own comment at once; it is pending until `confirm` or `remove`. */
  addNow(comment) {
    this.#pending.add(comment.commentId);
    this.#waiting.push(comment);
    this.#show(this.#waiting.length);
    this.list.parentElement.scrollTop = 0;
  }

  /** An own comment is stored. */
  confirm(comment) {
    this.#pending.delete(comment.commentId);
    if (this.#rows.has(comment.commentId)) this.#rowOf(comment);
  }

  remove(commentId) {
    this.#pending.delete(commentId);
    this.#deleted.add(commentId);
    if (this.#deleted.size > MOST_DELETED)
      this.#deleted.delete(this.#deleted.values().next().value);
    const row = this.#rows.get(commentId);
    if (row) this.#drop(row);
  }

  /** Marks the comments of this member as own. */
  setSelf(memberId) {
    if (this.#self === memberId) return;
    this.#self = memberId;
    for (const { comment } of this.#rows.values()) {
      if (comment.memberId === memberId) this.#rowOf(comment);
    }
  }

  setOnline(memberId, isOnline) {
    if (isOnline) this.#online.add(memberId);
    else this.#online.delete(memberId);
    for (const row of this.#rows.values()) {
      if (row.dataset.member === memberId) row.querySelector('.online').hidden = !isOnline;
    }
  }

  /**
   * Keeps a place in the list for comments that are read from the history.
   * @returns {(comments: object[], isComplete: boolean) => void} shows them; without being complete
   *   they replace all earlier ones
   */
  keepPlace() {
    this.#show(this.#waiting.length);
    const place = document.createElement('li');
    place.hidden = true;
    this.list.append(place);
    return (comments, isComplete) => {
      if (!isComplete) while (place.previousSibling) this.#drop(place.previousSibling);
      if (place.isConnected) this.#change((rows) => place.replaceWith(rows), comments);
    };
  }

  #requestFrame() {
    this.#frame ??= requestAnimationFrame(() => {
      this.#frame = undefined;
      this.#show(Math.ceil(this.#waiting.length / FRAMES));
    });
  }

  #show(count) {
    this.#change((rows) => this.list.append(rows), this.#waiting.splice(0, count));
    if (this.#waiting.length > 0) this.#requestFrame();
  }

  #change(insert, comments) {
    insert(this.#newRows(comments));
    while (this.list.children.length > MOST_SHOWN) this.#drop(this.list.firstChild);
  }

  #newRows(comments) {
    const added = document.createDocumentFragment();
    for (const comment of comments.slice(-MOST_SHOWN)) {
      if (this.#deleted.has(comment.commentId)) continue;
      const isKnown = this.#rows.has(comment.commentId);
      const row = this.#rowOf(comment);
      if (!isKnown) added.append(row);
    }
    return added;
  }

  /** The row of a comment, which is made if it is new. */
  #rowOf(comment) {
    const { commentId, memberId } = comment;
    const row = this.#rows.get(commentId) ?? document.createElement('li');
    const isPending = this.#pending.has(commentId);
    row.comment = comment;
    this.#rows.set(commentId, row);
    fillRow(row, comment, {
      isPending,
      isOwn: isPending || memberId === this.#self,
      isOnline: this.#online.has(memberId),
      remove: this.on.remove,
    });
    return row;
  }

  #drop(row) {
    if (row.comment) this.#rows.delete(row.comment.commentId);
    row.remove();
  }
}
