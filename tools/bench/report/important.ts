import type { Held } from '../capacity';
import type { Compared } from '../compare';
import { powerLaw } from '../fit';
import type { Growth } from '../growth';
import { median, medianOf } from '../measure';
import type { NeverReading } from '../never-reading';
import type { Real } from '../real';
import type { Rooms } from '../rooms';
import type { Soaked } from '../soak';
import type { Stormed } from '../storm';
import type { WritingResult } from '../writing';
import type { Sections } from './results';

type Figures = Record<string, number>;

/** The figures of a section for a line of the history. */
export const IMPORTANT: {
  readonly [S in keyof Sections]: (figures: Sections[S]) => Figures;
} = { compared, neverReading, growth, capacity, storm, rooms, soak, real, writing };

function compared(all: readonly Compared[]): Figures {
  return Object.assign(
    {},
    ...all.map(({ memory, saturated, server, steady }): Figures => {
      const cpu = steady.map(({ rate, viewers, windows }) => [
        `${server} µs a frame ${viewers} × ${rate}/s`,
        medianOf(windows, (each) => each.cpuUsAFrame),
      ]);
      return {
        ...Object.fromEntries(cpu),
        [`${server} frames/s`]: medianOf(saturated, (each) => each.framesPerSecond),
        ...(memory && { [`${server} KiB a viewer`]: memory.process / 1_024 }),
      };
    }),
  );
}

function neverReading(all: readonly NeverReading[]): Figures {
  const entries = all.map(({ beside, server, without }) => [
    `${server} p99 beside ÷ without`,
    beside.p99Ms / without.p99Ms,
  ]);
  return Object.fromEntries(entries);
}

function growth({ byLikes, byViewers }: Growth): Figures {
  const exponent = (points: Growth['byLikes']): number =>
    powerLaw(points.map(({ at, window }) => [at, window.cores]))?.exponent ?? Number.NaN;
  return { 'exponent by viewers': exponent(byViewers), 'exponent by likes': exponent(byLikes) };
}

function capacity(all: readonly Held[]): Figures {
  const entries = all.flatMap(({ load, memory, open, p90Ms }) => {
    const name = `${load.viewers} over ${load.videos}`;
    return [
      [`${name}: open`, open],
      [`${name}: p90 ms`, p90Ms],
      [`${name}: MiB`, memory / 2 ** 20],
    ];
  });
  return Object.fromEntries(entries);
}

function storm({ connectsPerSecond, during, secondsToExact }: Stormed): Figures {
  return {
    'connects/s': connectsPerSecond,
    'seconds to exact': secondsToExact,
    'p99 of those who stayed': during.p99Ms,
  };
}

function rooms({ alone, beside }: Rooms): Figures {
  return { 'p99 alone ms': alone.p99Ms, 'p99 beside ms': beside.p99Ms };
}

function soak({ descriptorsAfter, descriptorsBefore, samples }: Soaked): Figures {
  const [first] = samples;
  const last = samples.at(-1);
  return {
    'memory last ÷ first': first && last ? last.memory / first.memory : Number.NaN,
    'p99 last ms': last?.window.p99Ms ?? Number.NaN,
    'descriptors left': descriptorsAfter - descriptorsBefore,
  };
}

function real(all: readonly Real[]): Figures {
  const entries = all.flatMap(({ load, window }) => [
    [`${load.viewers} × ${load.likesPerSecond}/s: p90 ms`, window.p90Ms],
    [`${load.viewers} × ${load.likesPerSecond}/s: likes/s`, window.likesPerSecond],
  ]);
  return Object.fromEntries(entries);
}

function writing(all: readonly WritingResult[]): Figures {
  const lines = all.flatMap((result) => result.lines);
  return Object.fromEntries(
    lines.map(({ row, unit, values, what }) => [`${row}: ${what}, ${unit}`, median(values)]),
  );
}
