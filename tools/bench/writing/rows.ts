import type { Measuring } from './asked';
import { backlog } from './backlog';
import type { Line } from './line';
import { onServers } from './on-servers';
import { owner } from './owner';
import { posting } from './posting';
import { proxied, proxiedServers } from './proxied';
import { saturated } from './saturated';
import { trimmed } from './trimmed';

const LEAST_RATIO = 0.6;
const DISK = { most: 150 };

/** Rows of the comparison, by the names that `--only` takes. */
export interface WritingRow {
  readonly name: string;
  readonly measure: (measuring: Measuring) => Promise<Line[]>;
}

const SINGLES = {
  row: 'singles',
  batch: 1,
  aims: {
    likes: { least: 20_000, leastRatio: LEAST_RATIO },
    halfP99: { most: 15 },
    bytes: DISK,
  },
};
const BATCHES = {
  row: 'batches',
  batch: 50,
  aims: { likes: { least: 100_000 }, p99: { most: 100 }, bytes: DISK },
};

/** In the order in which they are measured: those on one core each first. */
export const WRITING_ROWS: readonly WritingRow[] = [
  { name: SINGLES.row, measure: (measuring) => posting(measuring, SINGLES) },
  { name: BATCHES.row, measure: (measuring) => posting(measuring, BATCHES) },
  { name: 'trimmed', measure: trimmed },
  { name: 'saturated', measure: saturated },
  { name: 'owner', measure: owner },
  { name: 'proxied', measure: proxied },
  { name: 'proxied-servers', measure: proxiedServers },
  { name: 'servers', measure: onServers },
  { name: 'backlog', measure: backlog },
];
