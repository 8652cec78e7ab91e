import type { Held } from '../capacity';
import { powerLaw } from '../fit';
import type { Growth, Point } from '../growth';
import type { Real } from '../real';
import type { Rooms } from '../rooms';
import type { Soaked } from '../soak';
import type { Stormed } from '../storm';
import type { HistoryLine, Measured, Results } from './results';
import { comparedText, neverReadingText } from './side-by-side';
import { figure, megabytes, percentiles, table } from './table';
import { writingText } from './writing-table';

const HISTORY_LINES = 40;
const OLDEST = 'p90 of the oldest in a frame';

/** A server that is not installed, and its install command. */
export interface Absent {
  readonly title: string;
  readonly installLine: string;
}

/** The whole report. */
export function reportText(
  results: Results,
  history: readonly HistoryLine[],
  absent: readonly Absent[] = [],
): string {
  const { capacity, compared, growth, neverReading, real, rooms, soak, storm, writing } = results;
  const parts = [
    '# Benchmark\n\nWritten by `npm run bench`; [tools/bench](../../tools/bench) defines each ' +
      'figure. Compare ratios within one run, because absolute figures differ from machine to ' +
      'machine. Latencies are in ms, of each like to each viewer: from its acceptance until the ' +
      'load client read it. A frame contains the time at which its oldest like was accepted; the ' +
      'others are assumed to be spread evenly between that and the oldest like of the next frame.',
    absentText(absent),
    section('One core each, the load on the other', compared, comparedText),
    section('Viewers that never read', neverReading, neverReadingText),
    section('Cost as work grows', growth, growthText),
    section('Many viewers', capacity, capacityText),
    section('All viewers reconnect at once', storm, stormText),
    section('A small room beside a huge one', rooms, roomsText),
    section('Hours at half of the capacity', soak, soakText),
    section('On Kafka, Cassandra and Redis', real, realText),
    section('Writing', writing, writingText),
    historyText(history),
  ];
  return `${parts.filter(Boolean).join('\n\n')}\n`;
}

function section<T>(
  title: string,
  measured: Measured<T> | undefined,
  text: (figures: T) => string,
): string {
  if (!measured) return '';
  const { at, commit, figures, machine } = measured;
  const { cores, kernel, memoryGiB, node, processor } = machine;
  const where = `${cores} cores of ${processor}, ${memoryGiB} GiB, ${kernel}, Node ${node}`;
  return `## ${title}\n\n${at.slice(0, 16)}, commit ${commit}; ${where}.\n\n${text(figures)}`;
}

function absentText(absent: readonly Absent[]): string {
  if (absent.length === 0) return '';
  const lines = absent.map(({ installLine, title }) => `- **${title}**: \`${installLine}\``);
  const title = '**Not installed, so not measured** (`npm run bench -- peers` installs servers):';
  return [title, ...lines].join('\n');
}

function growthText(growth: Growth): string {
  const { byLikes, byViewers, likesViewers, live, liveLikesPerSecond, updatesPerSecond } = growth;
  const head = (first: string): string[] => [
    first,
    'cores',
    'µs a frame',
    'frames/s a viewer',
    'likes/s delivered',
    'p50 · p90 · p99',
    OLDEST,
  ];
  const row = ({ at, window }: Point, viewers: number): string[] => [
    figure(at),
    figure(window.cores),
    figure(window.cpuUsAFrame),
    figure(window.framesPerSecond / viewers),
    figure(window.likesPerSecond),
    percentiles(window),
    figure(window.oldestP90Ms),
  ];
  const exponent = (points: readonly Point[]): string =>
    figure(powerLaw(points.map(({ at, window }) => [at, window.cores]))?.exponent);
  return [
    `likestream on one core. CPU ∝ viewers^**${exponent(byViewers)}** at ${updatesPerSecond} ` +
      `updates/s; CPU ∝ (likes/s)^**${exponent(byLikes)}** with ${figure(likesViewers)} viewers.`,
    table(
      head(`viewers, ${updatesPerSecond} updates/s`),
      byViewers.map((point) => row(point, point.at)),
    ),
    table(
      head(`viewers, ${liveLikesPerSecond} likes/s`),
      live.map((point) => row(point, point.at)),
    ),
    table(
      head(`likes/s, ${figure(likesViewers)} viewers`),
      byLikes.map((point) => row(point, likesViewers)),
    ),
    '![CPU by viewers](cpu-by-viewers.svg)\n![CPU by likes](cpu-by-likes.svg)\n' +
      '![latency](latency.svg)\n![delivered](delivered.svg)',
  ].join('\n\n');
}

function exactWord({ exact, examples }: { exact: boolean; examples: readonly string[] }): string {
  return exact ? 'exact' : `NOT exact: ${examples[0] ?? ''}`;
}

function capacityText(all: readonly Held[]): string {
  const head = [
    'viewers',
    'workers',
    'videos',
    'likes/s',
    'held, s',
    'open',
    'connects/s',
    'failed · refused · closed',
    'p50 · p90 · p99',
    OLDEST,
    'likes/s delivered',
    'MiB',
    'kernel MiB',
    'totals',
  ];
  return table(
    head,
    all.map(({ load, ...held }) => [
      figure(load.viewers),
      figure(load.workers),
      figure(load.videos),
      figure(load.likesPerSecond),
      figure(load.seconds),
      figure(held.open),
      figure(held.connectsPerSecond),
      [held.failed, held.refused, held.closed].map((count) => figure(count)).join(' · '),
      percentiles(held),
      figure(held.oldestP90Ms),
      figure(held.likesDeliveredPerSecond),
      megabytes(held.memory),
      megabytes(held.kernel),
      exactWord(held.exact),
    ]),
  );
}

function stormText(storm: Stormed): string {
  const { before, during, exact, staying } = storm;
  const rows = [
    ['viewers that were cut and resumed with their ids', figure(storm.viewers)],
    ['workers', figure(storm.workers)],
    ['connections/s', figure(storm.connectsPerSecond)],
    ['seconds until all were exact', figure(storm.secondsToExact)],
    ['snapshots instead of a resume · failed connections', `${storm.snapshots} · ${storm.failed}`],
    [`p50 · p90 · p99 of the ${figure(staying)} who stayed, before`, percentiles(before)],
    ['the same during the storm', percentiles(during)],
    ['totals at the end', exactWord(exact)],
  ];
  return table(['', ''], rows);
}

function roomsText({ alone, beside, huge, hugeViewers, smallViewers }: Rooms): string {
  const rows = [
    [`${smallViewers} viewers alone`, percentiles(alone)],
    [`the same beside ${figure(hugeViewers)}`, percentiles(beside)],
    [`those ${figure(hugeViewers)}, at 100 likes/s`, percentiles(huge)],
  ];
  return `One process on one core.\n\n${table(['', 'p50 · p90 · p99'], rows)}`;
}

function soakText(soak: Soaked): string {
  const { descriptorsAfter, descriptorsBefore, exact, samples, viewers, workers } = soak;
  const rows = samples.map(({ at, descriptors, mapped, memory, window }) => [
    figure(at / 60),
    megabytes(memory),
    megabytes(mapped),
    figure(descriptors),
    percentiles(window),
    figure(window.likesPerSecond),
  ]);
  return [
    `${figure(viewers)} viewers, ${workers} workers. Descriptors before: ${descriptorsBefore}, ` +
      `after all had left: ${descriptorsAfter}. Totals: ${exactWord(exact)}.`,
    table(
      ['minute', 'MiB', 'in files', 'descriptors', 'p50 · p90 · p99', 'likes/s delivered'],
      rows,
    ),
    '![memory](soak-memory.svg)\n![latency](soak-latency.svg)',
  ].join('\n\n');
}

function realText(all: readonly Real[]): string {
  const head = [
    'viewers',
    'likes/s',
    'seconds',
    'open',
    'likes/s delivered',
    'p50 · p90 · p99',
    OLDEST,
    'closed',
    'totals',
  ];
  return table(
    head,
    all.map(({ exact, load, open, window }) => [
      figure(load.viewers),
      figure(load.likesPerSecond),
      figure(load.seconds),
      figure(open),
      figure(window.likesPerSecond),
      percentiles(window),
      figure(window.oldestP90Ms),
      figure(window.closed),
      exactWord(exact),
    ]),
  );
}

function historyText(history: readonly HistoryLine[]): string {
  if (history.length === 0) return '';
  const rows = history
    .slice(-HISTORY_LINES)
    .reverse()
    .map(({ at, commit, figures, processor, section: name }) => [
      at.slice(0, 16),
      commit,
      processor,
      name,
      Object.entries(figures)
        .map(([key, value]) => `${key} ${figure(value)}`)
        .join(', '),
    ]);
  const head = ['when', 'commit', 'machine', 'what', 'figures'];
  const intro = '## History\n\nThe newest first; `history.jsonl` has all of it.';
  return `${intro}\n\n${table(head, rows)}`;
}
