const SHADES = 8;

/** A number below `SHADES`, always the same for one member: its color. */
function shadeOf(name) {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + character.codePointAt(0)) % 997;
  return sum % SHADES;
}

/** A short name of a member. */
export function nameOf(memberId) {
  return memberId.replace(/^anonymous-(.{4}).*$/, 'guest $1');
}

function part(tag, className, text) {
  const element = document.createElement(tag);
  element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function faceOf(memberId) {
  const face = part('span', 'face', nameOf(memberId).slice(0, 1).toUpperCase());
  face.dataset.shade = shadeOf(memberId);
  face.dir = 'ltr';
  face.setAttribute('aria-hidden', 'true');
  return face;
}

function onlineDot() {
  const dot = part('span', 'online');
  dot.setAttribute('role', 'img');
  dot.setAttribute('aria-label', 'online');
  return dot;
}

/** A text with so many marks on one letter would be drawn over other rows. */
const MANY_MARKS = /\p{M}{4}/u;

function removal(commentId, remove) {
  const button = part('button', 'remove', '×');
  button.type = 'button';
  button.setAttribute('aria-label', 'Delete this comment');
  button.addEventListener('click', () => remove(commentId));
  return button;
}

/** "ann", "ann and bo", "ann, bo and 3 more". */
export function listed(memberIds) {
  const [first, second] = memberIds.map(nameOf);
  if (memberIds.length < 2) return first ?? '';
  if (memberIds.length === 2) return `${first} and ${second}`;
  return `${first}, ${second} and ${memberIds.length - 2} more`;
}

/**
 * Fills a row of the list. A text is only ever set as text, never as HTML.
 * @param {HTMLElement} row
 * @param {import('likestream-client/conversation').ShownComment} comment
 * @param {{isOnline: boolean, remove: (commentId: string) => void}} options
 */
export function fillRow(row, { commentId, memberId, text, isOwn, isPending }, options) {
  const { isOnline, remove } = options;
  row.className = 'comment';
  row.dataset.id = commentId;
  row.dataset.member = memberId;
  row.dataset.state = isPending ? 'pending' : 'stored';
  const words = part('p', MANY_MARKS.test(text) ? 'words marked' : 'words');
  const name = part('b', 'name', isOwn ? 'You' : nameOf(memberId));
  // The row has the direction of its text: `auto` does not look into parts with their own.
  row.dir = 'auto';
  name.dir = 'ltr';
  words.append(name, ...(isOnline ? [onlineDot()] : []), part('span', 'text', text));
  row.replaceChildren(faceOf(memberId || 'you'), words);
  if (isOwn && !isPending) row.append(removal(commentId, remove));
}
