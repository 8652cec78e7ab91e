import { createCommentList } from './comment-list.js';
import { createReading } from './reading.js';
import { createSender } from './send.js';
import { createTyping } from './typing.js';
import { uuidv7 } from './uuid.js';

/** Members whose presence the page watches. */
const MOST_WATCHED = 20;

/** Posts a comment: shows it at once, and the server's answer when it is stored. */
function createPosting({ comments, list, note, send, stored }) {
  return async (memberId, text) => {
    const commentId = uuidv7();
    list.addNow({ commentId, memberId: memberId ?? 'you', text });
    const { answer, isOk } = await send('POST', comments, { commentId, text });
    if (isOk) return stored(answer);
    list.remove(commentId);
    note(answer?.detail ?? 'This comment could not be sent. Please send it again.');
  };
}

/** Watches the presence of members who comment. */
function createPeople(join) {
  const watched = new Set();
  return (id) => {
    if (id.startsWith('anonymous-') || watched.has(id) || watched.size >= MOST_WATCHED) return;
    watched.add(id);
    join(`member:${id}`);
  };
}

/**
 * The comments of a video, and who types and who has read them. Returns what takes the events of
 * the stream, by name.
 * @param {{videoId: string, token?: string, join: (channel: string) => void,
 *   note: (words: string) => void,
 *   parts: {list: HTMLElement, form: HTMLFormElement, text: HTMLInputElement, typing: HTMLElement,
 *     read: HTMLElement, score: HTMLElement}}} options
 */
export function createConversation({ videoId, token, join, note, parts }) {
  const send = createSender(token);
  const comments = `/videos/${encodeURIComponent(videoId)}/comments`;
  const conversation = `/conversations/${encodeURIComponent(videoId)}`;
  const watchMember = createPeople(join);
  let memberId;
  const list = createCommentList(parts.list, {
    async remove(commentId) {
      const { isOk } = await send('DELETE', `${comments}/${commentId}`);
      if (isOk) list.remove(commentId);
      else note('This comment could not be deleted.');
    },
  });
  const reading = createReading({
    line: parts.read,
    send: (messageId) => send('POST', `${conversation}/receipts`, { messageId }, 1),
  });
  const typing = createTyping({
    input: parts.text,
    line: parts.typing,
    send: () => send('POST', `${conversation}/typing`, {}, 1),
  });
  const post = createPosting({ comments, list, note, send, stored });

  function show(comment) {
    if (comment.deleted) return list.remove(comment.commentId);
    list.add(comment, { isOwn: comment.memberId === memberId });
    watchMember(comment.memberId);
    reading.saw(comment.commentId);
    typing.set(comment.memberId, false);
  }

  function stored(comment) {
    memberId = comment.memberId;
    show(comment);
    reading.sent(comment);
  }

  async function fillGap({ history }) {
    for (let path = history; path; ) {
      const { answer, isOk } = await send('GET', path);
      if (!isOk) return;
      for (const comment of answer.comments) show(comment);
      path = answer.next;
    }
  }

  function showScore(value) {
    parts.score.hidden = value === null || value === undefined;
    parts.score.textContent = typeof value === 'string' ? value : JSON.stringify(value ?? null);
  }

  parts.form.addEventListener('submit', (event) => {
    event.preventDefault();
    const text = parts.text.value.trim();
    parts.text.value = '';
    typing.sent();
    if (text) post(memberId, text);
  });

  const presence = ({ channel, online }) =>
    list.setOnline(channel.slice(channel.indexOf(':') + 1), online);

  return {
    snapshot(data) {
      for (const comment of data.comments ?? []) show(comment);
      for (const receipt of data.receipts ?? []) reading.receipt(receipt);
      for (const typist of data.typing ?? []) typing.set(typist.memberId ?? typist, true);
      if (data.attributes) showScore(data.attributes.score);
      if (data.online !== undefined) presence(data);
    },
    presence,
    comment: show,
    comment_deleted: ({ commentId }) => list.remove(commentId),
    gap: (data) => void fillGap(data),
    receipt: reading.receipt,
    typing: ({ active, memberId: id }) => typing.set(id, active),
    attribute({ name, value }) {
      if (name === 'score') showScore(value);
    },
  };
}
