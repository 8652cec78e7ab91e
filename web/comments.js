import { createBeat } from './beat.js';
import { fillRow } from './comment-row.js';
import { createPace } from './pace.js';
import { createRows } from './rows.js';

/** New rows a frame, and a change while comments come fast, so that no frame takes long. */
const MOST_NEW_A_FRAME = 6;
const MOST_NEW_WHILE_FAST = 2;

/** While comments come fast, so many rows above those in view go at once: it moves the others. */
const SPARE_ROWS = 64;

/** The height of a row of one line, with the space above. */
const ROW_PX = 40;

/** The viewer is at the end of the list if this little is left below. */
const NEAR_END_PX = 40;

/** When this little is left above, older comments are read. */
const NEAR_TOP_PX = 120;

/**
 * Shows comments. While they come too fast to be read, only the newest of each change get a row.
 * All are there as soon as they come slowly, or the viewer leaves the end of the list.
 * @param {HTMLElement} list an `ol` in an element that scrolls, from its end
 * @param {{remove: (commentId: string) => void, older: () => Promise<boolean>}} on
 */
export function createComments(list, on) {
  const scroller = list.parentElement;
  const online = new Set();
  let comments = [];
  let isDue = false;
  let hasOlder = true;
  let inView = 1;
  let [isAtEnd, isComplete] = [true, true];

  const rows = createRows(list, (row, comment) => {
    fillRow(row, comment, { isOnline: online.has(comment.memberId), remove: on.remove });
  });
  const pace = createPace(drawSoon);

  const isFast = () => pace.isFast && isAtEnd;

  function draw() {
    isDue = false;
    if (isFast()) {
      isComplete = false;
      const limits = { most: inView, mostNew: MOST_NEW_WHILE_FAST, spare: SPARE_ROWS };
      rows.arrange(comments, limits);
    } else {
      const limits = { most: comments.length, mostNew: MOST_NEW_A_FRAME, spare: 0 };
      isComplete = rows.arrange(comments, limits);
      if (!isComplete) drawSoon();
    }
  }

  const drawAtBeat = createBeat(draw);

  function drawSoon() {
    if (isFast()) return drawAtBeat();
    if (!isDue) requestAnimationFrame(draw);
    isDue = true;
  }

  async function scrolled() {
    const below = Math.abs(scroller.scrollTop);
    isAtEnd = below < NEAR_END_PX;
    // Rows that are not there yet come above the others.
    if (!isComplete) return drawSoon();
    const above = scroller.scrollHeight - scroller.clientHeight - below;
    if (!hasOlder || comments.length === 0 || above > NEAR_TOP_PX) return;
    hasOlder = false;
    hasOlder = await on.older();
  }

  // Not every browser lets keys scroll a list that has no focus.
  scroller.tabIndex = 0;
  scroller.addEventListener('scroll', scrolled, { passive: true });
  new ResizeObserver(([{ contentRect }]) => {
    inView = Math.ceil(contentRect.height / ROW_PX) + 1;
  }).observe(scroller);

  return {
    /** @param {import('likestream-client/conversation').ShownComment[]} shown the oldest first */
    show(shown) {
      const last = shown.at(-1);
      if (last?.isPending && !rows.has(last.commentId)) scroller.scrollTop = 0;
      comments = shown;
      pace.changed();
      drawSoon();
    },
    setOnline(memberId, isOnline) {
      if (isOnline) online.add(memberId);
      else online.delete(memberId);
      rows.fillOf(memberId);
    },
  };
}
