import type { Against, Faults, Result } from '../against';
import type { Pair } from '../pairs';
import { figure, table } from './table';

const HEAD = ['row', 'figure', 'this / other', 'p25', 'p75', 'this', 'other', 'better is'];

/** The comparison of two checkouts as a table, and the reasons to doubt figures. */
export function againstText({ asked, checkouts, failed, results }: Against): string {
  const [ours, theirs] = checkouts;
  const { pairs, seconds, viewers } = asked;
  return [
    `this: ${ours.commit} in ${ours.folder}\nother: ${theirs.commit} in ${theirs.folder}`,
    table(HEAD, results.map(cellsOf)),
    `Medians of ${pairs} pairs of ${seconds} s; with streams: ${figure(viewers)} viewers.` +
      ' "this / other" is the median of the ratios in the pairs, with their quartiles.',
    ...noiseLines(results),
    ...results.flatMap(faultLines),
    ...failed.map((line) => `FAILED: ${line}`),
  ].join('\n\n');
}

function cellsOf({ isLessBetter, ours, ratio, theirs, title, unit }: Result): string[] {
  const ratios = [ratio.p50, ratio.p25, ratio.p75].map((value) => value.toFixed(3));
  return [title, unit, ...ratios, figure(ours), figure(theirs), isLessBetter ? 'less' : 'more'];
}

function noiseLines(results: readonly Result[]): string[] {
  if (results.length === 0) return [];
  const most = Math.max(...results.map(({ elsewhereCores }) => elsewhereCores));
  return [`Other programs used ${figure(most)} cores in the median window of the noisiest row.`];
}

function faultLines({ faults, title, unit }: Result): string[] {
  const names: Pair<string> = ['this', 'other'];
  return names.flatMap((name, side) => {
    const counts = countsOf(faults[side]);
    return counts === '' ? [] : [`IN DOUBT: ${title}, ${unit}, ${name}: ${counts}`];
  });
}

function countsOf(faults: Faults | undefined): string {
  const { framesBroken = 0, postsRefused = 0, streamsClosed = 0 } = faults ?? {};
  const counts: [number, string][] = [
    [postsRefused, 'posts refused'],
    [streamsClosed, 'streams closed'],
    [framesBroken, 'frames whose total did not add up'],
  ];
  return counts.flatMap(([count, of]) => (count > 0 ? [`${count} ${of}`] : [])).join(', ');
}
