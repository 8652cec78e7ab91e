import type { Compared } from '../compare';
import { medianOf, type Window } from '../measure';
import type { NeverReading } from '../never-reading';
import { figure, kilobytes, percentiles, table } from './table';

/** If other programs use more, absolute figures are too bad. */
const NOISY_CORES = 0.1;

/** Servers side by side: CPU, saturation, memory. */
export function comparedText(all: readonly Compared[]): string {
  const [rows = []] = all.map(({ steady }) => steady);
  const heads = rows.flatMap(({ rate, viewers }) => [
    `µs a frame, ${figure(viewers)} × ${rate}/s`,
    '× limit',
    'p50 · p90 · p99',
  ]);
  const head = [
    'server',
    ...heads,
    'frames/s saturated',
    '× limit',
    'frames a core-second',
    'KiB a viewer',
    'kernel KiB',
  ];
  const lines = all.map((one) => [one.title, ...steadyCells(one), ...saturatedCells(one)]);
  const noisy = Math.max(...all.flatMap(windowsIn).map(({ elsewhereCores }) => elsewhereCores));
  const memory = all.find((one) => one.memory)?.memory?.viewers;
  return [
    table(head, lines),
    'Medians of three windows, each measured in turn with one of the limit; `×` is the median of ' +
      `such pairs. Memory is that of ${figure(memory)} viewers in one process tree, and of the ` +
      'kernel for both ends of their connections.',
    noiseText(noisy),
    '![CPU of a frame](cpu-a-frame.svg)\n![saturated](saturated.svg)\n![memory](memory.svg)',
  ].join('\n\n');
}

function windowsIn({ saturated, steady }: Compared): Window[] {
  return [...steady.flatMap(({ windows }) => windows), ...saturated];
}

function steadyCells({ steady, times }: Compared): string[] {
  return steady.flatMap(({ rate, viewers, windows }, row) => {
    const us = medianOf(windows, (each) => each.cpuUsAFrame);
    const latency = {
      p50Ms: medianOf(windows, (each) => each.p50Ms),
      p90Ms: medianOf(windows, (each) => each.p90Ms),
      p99Ms: medianOf(windows, (each) => each.p99Ms),
    };
    const rateSeen = medianOf(windows, (each) => each.framesPerSecond) / viewers;
    // A server that merges updates sends fewer frames than there are updates.
    const merged = rateSeen < rate * 0.95 ? ` (${figure(rateSeen)} frames/s)` : '';
    return [figure(us), fixed(times?.cpuUsAFrame[row]), percentiles(latency) + merged];
  });
}

function saturatedCells({ memory, saturated, times }: Compared): string[] {
  const frames = medianOf(saturated, (each) => each.framesPerSecond);
  return [
    figure(frames),
    fixed(times?.saturatedFramesPerSecond),
    figure(medianOf(saturated, (each) => each.framesPerSecond / each.cores)),
    kilobytes(memory?.process),
    kilobytes(memory?.kernel),
  ];
}

function noiseText(cores: number): string {
  if (cores <= NOISY_CORES) return `Other programs used at most ${figure(cores)} cores.`;
  return (
    `**Other programs used up to ${figure(cores)} cores**: latencies are upper bounds, and so is ` +
    'CPU, to a small degree.'
  );
}

function fixed(times: number | undefined): string {
  return times?.toFixed(2) ?? '–';
}

/** The effect of viewers that never read on each server. */
export function neverReadingText(all: readonly NeverReading[]): string {
  const head = [
    'server',
    'good + never reading',
    'p99 without',
    'p99 beside',
    '×',
    'KiB each',
    'kernel KiB each',
    'closed',
  ];
  return table(
    head,
    all.map(({ beside, good, kernelEach, letGo, neverReading, processEach, title, without }) => [
      title,
      `${figure(good)} + ${figure(neverReading)}`,
      figure(without.p99Ms),
      figure(beside.p99Ms),
      fixed(beside.p99Ms / without.p99Ms),
      kilobytes(processEach),
      kilobytes(kernelEach),
      `${letGo} of ${neverReading}`,
    ]),
  );
}
