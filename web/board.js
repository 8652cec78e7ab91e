import { BEAT_MS, createBeat } from './beat.js';

const SPEAK_MS = 6000;
const EASE_MS = 110;

const grouped = new Intl.NumberFormat('en');
const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 });
const brief = (count) => (count < 1_000_000 ? grouped : short).format(count);

/** A number that approaches its target in some steps and ends on it exactly. */
function createRunner(still, show) {
  let shown = null;
  let target = 0;
  let before = 0;

  const step = createBeat((now) => {
    const part = 1 - Math.exp(-Math.min(now - before, 2 * BEAT_MS) / EASE_MS);
    before = now;
    shown += (target - shown) * part;
    if (Math.abs(target - shown) < 0.5) shown = target;
    show(Math.round(shown));
    if (shown !== target) step();
  });

  return (value) => {
    const isAtRest = shown === target;
    target = value;
    if (shown === null || still) {
      shown = value;
      show(value);
    } else if (isAtRest && shown !== target) {
      before = performance.now();
      step();
    }
  };
}

/**
 * Shows the total and the counts by reaction.
 * @param {{total: HTMLElement, spoken: HTMLElement, counts: HTMLElement, still: boolean}} parts
 */
export function createBoard({ total, spoken, counts, still }) {
  const rows = [...counts.querySelectorAll('[data-count]')];
  let reactions = {};
  let lastSpoken;

  const run = createRunner(still, (number) => {
    total.textContent = grouped.format(number);
  });

  const showCounts = createBeat(() => {
    const most = Math.max(1, ...Object.values(reactions));
    for (const row of rows) {
      const count = reactions[row.dataset.count] ?? 0;
      row.querySelector('b span').textContent = brief(count);
      row.style.setProperty('--share', count / most);
    }
  });

  // If the live region changed with every frame, a screen reader could never finish.
  setInterval(() => {
    const words = total.dataset.total && `${grouped.format(total.dataset.total)} reactions`;
    if (words && words !== lastSpoken) spoken.textContent = words;
    lastSpoken = words;
  }, SPEAK_MS);

  return {
    /** @param {{total: number, reactions: Record<string, number>}} state absolute */
    show(state) {
      total.dataset.total = String(state.total);
      run(state.total);
      reactions = state.reactions;
      showCounts();
    },
  };
}
