import { median } from '../measure';
import type { WritingResult } from '../writing';
import { type Aim, isMet, type Line, ratioTo } from '../writing/line';
import { figure, table } from './table';

/** If other programs use more, absolute figures are too bad. */
const NOISY_CORES = 0.1;
const HEAD = ['what', 'likestream', 'beside it', '× of it', 'aim', 'met'];

/** What writing costs, each figure beside its bare part. */
export function writingText(results: readonly WritingResult[]): string {
  const lines = results.flatMap((result) => result.lines);
  return [
    table(HEAD, lines.map(cellsOf)),
    `Medians of the turns; each ratio is the median of the ratios of the turns.${noiseText(lines)}`,
    notesOf(lines),
    failuresOf(results),
    commitsOf(results),
  ]
    .filter(Boolean)
    .join('\n\n');
}

function noiseText(lines: readonly Line[]): string {
  const measured = lines.flatMap(({ elsewhereCores }) => elsewhereCores ?? []);
  if (measured.length === 0) return '';
  const most = Math.max(...measured);
  const word = most > NOISY_CORES ? ', **noise**' : '';
  return ` Other programs used up to ${figure(most)} cores${word}.`;
}

function cellsOf(line: Line): string[] {
  const met = isMet(line);
  const { aim, beside, row, unit, values, what } = line;
  return [
    `${row}: ${what}, ${unit}`,
    figure(median(values)),
    beside.map((each) => `${figure(median(each.values))} (${each.title})`).join(' · ') || '–',
    beside.map((each) => ratioTo(line, each).toFixed(2)).join(' · ') || '–',
    aim ? aimText(aim) : '–',
    met === undefined ? '–' : met ? 'yes' : 'no',
  ];
}

function aimText({ least, leastRatio, most }: Aim): string {
  return [
    ...(least === undefined ? [] : [`≥ ${figure(least)}`]),
    ...(most === undefined ? [] : [`≤ ${figure(most)}`]),
    ...(leastRatio === undefined ? [] : [`≥ ${leastRatio} ×`]),
  ].join(', ');
}

function notesOf(lines: readonly Line[]): string {
  const noted = lines.filter(({ note }) => note !== undefined);
  return noted.map(({ note, row, what }) => `- ${row}: ${what}: ${note}`).join('\n');
}

function failuresOf(results: readonly WritingResult[]): string {
  const failed = results.filter((result) => result.failed !== undefined);
  return failed.map(({ failed: why, row }) => `**FAILED** ${row}: ${why}`).join('\n');
}

/** If the rows are of several commits, each with its own. */
function commitsOf(results: readonly WritingResult[]): string {
  if (new Set(results.map(({ commit }) => commit)).size < 2) return '';
  return `Commits: ${results.map(({ commit, row }) => `${row} ${commit}`).join(', ')}.`;
}
