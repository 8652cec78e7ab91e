import { nameOf } from './comment-row.js';
import { listed } from './typing.js';

/** The newest comment is sent as read after it was in view for this time. */
const READ_AFTER_MS = 1500;

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
  let timer;

  function show() {
    const readers = [...receipts].filter(
      ([id, messageId]) => own && id !== own.memberId && !isNewer(own.commentId, messageId),
    );
    const names = readers.map(([id]) => nameOf(id));
    line.textContent = names.length === 0 ? '' : `Read by ${listed(names)}`;
  }

  return {
    /** A comment is in view. */
    saw(commentId) {
      if (newest !== '' && !isNewer(commentId, newest)) return;
      newest = commentId;
      if (timer) return;
      timer = setTimeout(() => {
        timer = undefined;
        if (!document.hidden) send(newest);
      }, READ_AFTER_MS);
    },
    receipt({ memberId, messageId }) {
      receipts.set(memberId, messageId);
      show();
    },
    /** This member has sent a comment. */
    sent(comment) {
      own = comment;
      show();
    },
  };
}
