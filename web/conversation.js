import { conversation } from 'likestream-client/conversation';
import { listed } from './comment-row.js';
import { createComments } from './comments.js';
import { createPeople } from './people.js';

/** The newest comment is sent as read after it was in view for this time. */
const READ_AFTER_MS = 1500;

/** Calls `read` with the newest comment that is in view; what comes in a hidden tab is not. */
function createReading(read) {
  let newest;
  let timer;

  function done() {
    timer = undefined;
    if (!document.hidden && newest) read(newest);
  }

  function soon() {
    if (timer === undefined) timer = setTimeout(done, READ_AFTER_MS);
  }

  document.addEventListener('visibilitychange', soon);
  return (commentId) => {
    if (commentId === undefined || commentId === newest) return;
    newest = commentId;
    soon();
  };
}

/** The score is an attribute, so it may be any JSON. */
function showScore(line, value) {
  line.hidden = value === undefined;
  line.textContent = typeof value === 'string' ? value : JSON.stringify(value ?? null);
}

/** Shows who has read the newest own comment. */
function showReaders(line, own, readersOf) {
  const readers = own ? readersOf(own.commentId).filter((id) => id !== own.memberId) : [];
  const words = readers.length === 0 ? '' : `Read by ${listed(readers)}`;
  if (line.textContent !== words) line.textContent = words;
}

/**
 * The comments of a video, and who types and who has read them.
 * @param {{live: import('likestream-client').Live, videoId: string, note: (words: string) => void,
 *   parts: {list: HTMLElement, form: HTMLFormElement, text: HTMLInputElement, typing: HTMLElement,
 *     read: HTMLElement, score: HTMLElement}}} options
 */
export function startConversation({ live, videoId, note, parts }) {
  let newestOwn;
  const list = createComments(parts.list, {
    older: () => talk.older(),
    async remove(commentId) {
      const { isOk } = await talk.remove(commentId);
      if (!isOk) note('This comment could not be deleted.');
    },
  });
  const people = createPeople(live, list.setOnline);
  const reading = createReading((commentId) => talk.read(commentId));
  const receipts = () => showReaders(parts.read, newestOwn, (id) => talk.readersOf(id));

  const talk = conversation(live, `video:${videoId}`, {
    comments(comments) {
      list.show(comments);
      const stored = comments.filter(({ isPending }) => !isPending);
      for (const { memberId } of stored.slice(-20)) people.wrote(memberId);
      newestOwn = stored.findLast(({ isOwn }) => isOwn);
      reading(stored.at(-1)?.commentId);
      receipts();
    },
    typing(members) {
      const verb = members.length === 1 ? 'is' : 'are';
      parts.typing.textContent = members.length === 0 ? '' : `${listed(members)} ${verb} typing…`;
    },
    receipts,
    attributes: ({ score }) => showScore(parts.score, score),
  });

  parts.text.addEventListener('input', () => {
    if (parts.text.value !== '') talk.typing();
  });
  parts.form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const words = parts.text.value.trim();
    parts.text.value = '';
    if (words === '') return;
    const { isOk, body } = await talk.comment(words);
    if (isOk) return;
    parts.text.value ||= words;
    note(body?.detail ?? 'This comment could not be sent. Please send it again.');
  });
}
