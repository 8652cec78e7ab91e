import { nameOf } from './comment-row.js';
import { listed } from './typing.js';

/** The newest comment is sent as read after it was in view for this time. */
const READ_AFTER_MS = 1500;

/** Receipts that came together are shown together. */
const SHOW_EVERY_MS = 200;

/** The members whose receipts the page keeps: those that read last. */
const MOST_KEPT = 200;

/** Whether one message id is newer: ids compare by length, then by bytes. */
function isNewer(one, other) {
  return one.length === other.length ? one > other : one.length > other.length;
}

/**
 * Shows who has read the newest own comment, and sends what this member has read.
 * @param {{line: HTMLElement, send: (messageId: string) => void}} options
 */
export function createReading({ line, send }) {
  const receipts = new Map();
  let own;
  let newest = '';
  let sent = '';
  let sending;
  let showing;

  function show() {
    showing = undefined;
    const readers = [...receipts].filter(
      ([id, messageId]) => own && id !== own.memberId && !isNewer(own.commentId, messageId),
    );
    const names = readers.map(([id]) => nameOf(id));
    const words = names.length === 0 ? '' : `Read by ${listed(names)}`;
    if (line.textContent !== words) line.textContent = words;
  }

  function showSoon() {
    if (showing === undefined) showing = setTimeout(show, SHOW_EVERY_MS);
  }

  function sendNewest() {
    sending = undefined;
    if (document.hidden || sent === newest) return;
    sent = newest;
    send(newest);
  }

  function sendSoon() {
    if (sent === newest || sending !== undefined) return;
    sending = setTimeout(sendNewest, READ_AFTER_MS);
  }

  // What came while the tab was hidden is read once it is shown.
  document.addEventListener('visibilitychange', sendSoon);

  return {
    /** A comment is in view. */
    saw(commentId) {
      if (newest !== '' && !isNewer(commentId, newest)) return;
      newest = commentId;
      sendSoon();
    },
    receipt({ memberId, messageId }) {
      receipts.delete(memberId);
      receipts.set(memberId, messageId);
      if (receipts.size > MOST_KEPT) receipts.delete(receipts.keys().next().value);
      showSoon();
    },
    /** This member has sent a comment, in this window or another one. */
    wrote(comment) {
      if (own && !isNewer(comment.commentId, own.commentId)) return;
      own = comment;
      showSoon();
    },
    /** A comment was deleted. */
    deleted(commentId) {
      if (own?.commentId !== commentId) return;
      own = undefined;
      showSoon();
    },
  };
}
