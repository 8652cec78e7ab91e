import { createCommentList } from './comment-list.js';
import { readHistory } from './history.js';
import { memberOf } from './member.js';
import { createPeople } from './people.js';
import { createReading } from './reading.js';
import { createSender } from './send.js';
import { createTyping } from './typing.js';
import { uuidv7 } from './uuid.js';

/** Gaps that wait while another one is read; older ones are left open. */
const MOST_GAPS = 3;

/** Posts a comment: shows it at once, and the server's answer when it is stored. */
function createPosting({ comments, list, note, send, stored }) {
  return async (memberId, text, returned) => {
    const commentId = uuidv7();
    list.addNow({ commentId, memberId: memberId ?? 'you', text });
    const { answer, isOk } = await send('POST', comments, { commentId, text });
    if (isOk) return stored(answer);
    list.remove(commentId);
    returned(text);
    note(answer?.detail ?? 'This comment could not be sent. Please send it again.');
  };
}

/** Fills gaps from the history, one at a time. */
function createGaps({ keepPlace, send, show }) {
  const waiting = [];
  let busy = false;

  async function fill() {
    busy = true;
    for (let gap = waiting.shift(); gap; gap = waiting.shift()) {
      const { comments, isComplete } = await readHistory(send, gap.history);
      show(comments, (list) => gap.place(list, isComplete));
    }
    busy = false;
  }

  return ({ history }) => {
    waiting.push({ history, place: keepPlace() });
    if (waiting.length > MOST_GAPS) waiting.shift().place([], true);
    if (!busy) fill();
  };
}

/** The score is an attribute, so it may be any JSON. */
function createScore(line) {
  return (value) => {
    line.hidden = value === null || value === undefined;
    line.textContent = typeof value === 'string' ? value : JSON.stringify(value ?? null);
  };
}

/** Sends the text of a form; `send` may give it back. */
function bindForm({ form, text }, send) {
  const returned = (words) => {
    text.value ||= words;
  };
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const words = text.value.trim();
    text.value = '';
    if (words) send(words, returned);
  });
}

/** Who reads and who types. */
function createAttention({ conversation, parts, send }) {
  const reading = createReading({
    line: parts.read,
    send: (messageId) => send('POST', `${conversation}/receipts`, { messageId }, 1),
  });
  const typing = createTyping({
    input: parts.text,
    line: parts.typing,
    send: () => send('POST', `${conversation}/typing`, {}, 1),
  });
  return { reading, typing };
}

function idOf(channel) {
  return channel.slice(channel.indexOf(':') + 1);
}

/**
 * The comments of a video, and who types and who has read them. Returns what takes the events of
 * the stream, by name.
 * @param {{videoId: string, token?: string,
 *   stream: {join: (channel: string) => void, leave: (channel: string) => void},
 *   note: (words: string) => void,
 *   parts: {list: HTMLElement, form: HTMLFormElement, text: HTMLInputElement, typing: HTMLElement,
 *     read: HTMLElement, score: HTMLElement}}} options
 */
export function createConversation({ videoId, token, stream, note, parts }) {
  const send = createSender(token);
  const comments = `/videos/${encodeURIComponent(videoId)}/comments`;
  const conversation = `/conversations/${encodeURIComponent(videoId)}`;
  let self = memberOf(token);

  const list = createCommentList(parts.list, {
    async remove(commentId) {
      const { isOk } = await send('DELETE', `${comments}/${commentId}`);
      if (isOk) remove(commentId);
      else note('This comment could not be deleted.');
    },
  });
  const people = createPeople(stream, (memberId) => list.setOnline(memberId, false));
  const { reading, typing } = createAttention({ conversation, parts, send });
  const score = createScore(parts.score);
  const post = createPosting({ comments, list, note, send, stored });
  bindForm(parts, (text, returned) => {
    typing.sent();
    post(self, text, returned);
  });
  list.setSelf(self);

  function remove(commentId) {
    list.remove(commentId);
    reading.deleted(commentId);
  }

  function know(comment) {
    people.wrote(comment.memberId);
    reading.saw(comment.commentId);
    typing.set(comment.memberId, false);
    if (comment.memberId === self) reading.wrote(comment);
  }

  function show(comment) {
    list.add(comment);
    know(comment);
  }

  function stored(comment) {
    self = comment.memberId;
    list.setSelf(self);
    list.confirm(comment);
    know(comment);
  }

  const gap = createGaps({
    send,
    keepPlace: () => list.keepPlace(),
    show(found, place) {
      for (const { commentId, deleted } of found) if (deleted) remove(commentId);
      const present = found.filter(({ deleted }) => !deleted);
      place(present);
      present.forEach(know);
    },
  });

  const presence = ({ channel, online }) => list.setOnline(idOf(channel), online);

  return {
    ready: typing.clear,
    snapshot(data) {
      for (const comment of data.comments ?? []) show(comment);
      for (const receipt of data.receipts ?? []) reading.receipt(receipt);
      for (const memberId of data.typing ?? []) typing.set(memberId, true);
      if (data.attributes) score(data.attributes.score);
      if (data.online !== undefined) presence(data);
    },
    presence,
    comment: show,
    comment_deleted: ({ commentId }) => remove(commentId),
    gap,
    receipt: reading.receipt,
    typing: ({ active, memberId }) => typing.set(memberId, active),
    attribute({ name, value }) {
      if (name === 'score') score(value);
    },
  };
}
