import { nameOf } from './comment-row.js';

/** Typing is sent at most once in this time. */
const SEND_EVERY_MS = 2000;

/** "ann", "ann and bo", "ann, bo and 3 more". */
export function listed(names) {
  const [first, second] = names;
  if (names.length < 3) return names.join(' and ');
  return `${first}, ${second} and ${names.length - 2} more`;
}

/**
 * Shows who types, and sends that this member does.
 * @param {{input: HTMLInputElement, line: HTMLElement, send: () => void}} options
 */
export function createTyping({ input, line, send }) {
  const typists = new Set();
  let sentAt = Number.NEGATIVE_INFINITY;

  function show() {
    const names = [...typists].map(nameOf);
    const verb = names.length === 1 ? 'is' : 'are';
    line.textContent = names.length === 0 ? '' : `${listed(names)} ${verb} typing…`;
  }

  input.addEventListener('input', () => {
    const now = performance.now();
    if (now - sentAt < SEND_EVERY_MS || input.value === '') return;
    sentAt = now;
    send();
  });

  return {
    set(memberId, isActive) {
      if (typists.has(memberId) === isActive) return;
      if (isActive) typists.add(memberId);
      else typists.delete(memberId);
      show();
    },
    /** A new stream sends who types now, and not who stopped before. */
    clear() {
      typists.clear();
      show();
    },
    /** Another comment of this member may be typed at once. */
    sent() {
      sentAt = Number.NEGATIVE_INFINITY;
    },
  };
}
