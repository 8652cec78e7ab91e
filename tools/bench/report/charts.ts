import type { Compared } from '../compare';
import { powerLaw } from '../fit';
import type { Growth, Point } from '../growth';
import { medianOf, type Window } from '../measure';
import type { Soaked } from '../soak';
import { type Bar, barChart, lineChart, type Series } from './chart';
import type { Results } from './results';

const KIBIBYTE = 1_024;
const MEBIBYTE = 2 ** 20;

/** A picture's file name and its SVG. */
export type Pictures = ReadonlyMap<string, string>;

/** All pictures whose figures exist. */
export function pictures({ compared, growth, soak }: Results): Pictures {
  return new Map([
    ...(compared ? comparedPictures(compared.figures) : []),
    ...(growth ? growthPictures(growth.figures) : []),
    ...(soak ? soakPictures(soak.figures) : []),
  ]);
}

function comparedPictures(all: readonly Compared[]): [string, string][] {
  const [rows = []] = all.map(({ steady }) => steady);
  const groups = rows.map(({ rate, viewers }) => `${viewers} viewers, ${rate} updates/s`);
  const cpu = all.map(({ steady, title }): Bar => {
    const values = steady.map(({ windows }) => medianOf(windows, (each) => each.cpuUsAFrame));
    return { name: title, values };
  });
  const saturated = all.map(({ saturated, title }): Bar => {
    return { name: title, values: [medianOf(saturated, (each) => each.framesPerSecond)] };
  });
  const memory = all.map(({ memory, title }): Bar => {
    return { name: title, values: [memory && memory.process / KIBIBYTE] };
  });
  return [
    ['cpu-a-frame.svg', barChart('CPU of a delivered frame', 'µs', groups, cpu)],
    ['saturated.svg', barChart('One core, as fast as it can', 'frames/s', [''], saturated)],
    ['memory.svg', barChart('Memory of a connection', 'KiB', [''], memory)],
  ];
}

function growthPictures(growth: Growth): [string, string][] {
  const { byLikes, byViewers, likesViewers, live, liveLikesPerSecond, updatesPerSecond } = growth;
  const seriesOf = (
    name: string,
    points: readonly Point[],
    of: (window: Window) => number,
  ): Series => ({
    name,
    points: points.map(({ at, window }) => [at, of(window)] as const),
  });
  const cores = (window: Window): number => window.cores;
  const liveTitle = `likestream on one core, one video, ${liveLikesPerSecond} likes/s`;
  const latency = [
    seriesOf('p50', live, ({ p50Ms }) => p50Ms),
    seriesOf('p90', live, ({ p90Ms }) => p90Ms),
    seriesOf('p99', live, ({ p99Ms }) => p99Ms),
  ];
  const delivered = [seriesOf('likes', live, ({ likesPerSecond }) => likesPerSecond)];
  const viewersCost = seriesOf(`${updatesPerSecond} updates/s`, byViewers, cores);
  const likesCost = seriesOf('cores', byLikes, cores);
  const frames = seriesOf(
    'frames/s a viewer',
    byLikes,
    (window) => window.framesPerSecond / likesViewers,
  );
  return [
    [
      'latency.svg',
      lineChart({ title: `${liveTitle}: like → viewer`, x: 'viewers', y: 'ms' }, latency),
    ],
    [
      'delivered.svg',
      lineChart({ title: `${liveTitle}: delivered`, x: 'viewers', y: 'likes/s' }, delivered),
    ],
    [
      'cpu-by-viewers.svg',
      lineChart(
        { title: 'CPU against viewers', x: 'viewers', y: 'cores', log: true },
        withFit(viewersCost),
      ),
    ],
    [
      'cpu-by-likes.svg',
      lineChart(
        {
          title: `CPU and frames against likes/s, ${likesViewers} viewers`,
          x: 'likes/s',
          y: 'cores; frames/s',
          log: true,
        },
        [...withFit(likesCost), frames],
      ),
    ],
  ];
}

function withFit(series: Series): Series[] {
  const fit = powerLaw(series.points);
  if (!fit) return [series];
  const points = series.points.map(([at]) => [at, fit.factor * at ** fit.exponent] as const);
  return [series, { name: `fit: exponent ${fit.exponent.toFixed(2)}`, points, dashed: true }];
}

function soakPictures({ samples, viewers }: Soaked): [string, string][] {
  const minutes = (at: number): number => at / 60;
  const title = `${viewers} viewers over time`;
  const memory = samples.map(({ at, memory }) => [minutes(at), memory / MEBIBYTE] as const);
  const own = samples.map(
    ({ at, mapped, memory }) => [minutes(at), (memory - mapped) / MEBIBYTE] as const,
  );
  const p99 = samples.map(({ at, window }) => [minutes(at), window.p99Ms] as const);
  const p50 = samples.map(({ at, window }) => [minutes(at), window.p50Ms] as const);
  return [
    [
      'soak-memory.svg',
      lineChart({ title, x: 'minutes', y: 'MiB' }, [
        { name: 'all', points: memory },
        { name: 'without pages of files', points: own },
      ]),
    ],
    [
      'soak-latency.svg',
      lineChart({ title, x: 'minutes', y: 'ms' }, [
        { name: 'p50', points: p50 },
        { name: 'p99', points: p99 },
      ]),
    ],
  ];
}
