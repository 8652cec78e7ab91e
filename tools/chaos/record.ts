import type { UnexpectedEnd } from './supervisor';

/** The result of one fault; times in seconds. */
export interface Struck {
  readonly fault: string;
  /** From the injection until all ended processes were started again. */
  readonly outage: number;
  /** From the injection until each viewer had a later like of every partition. */
  readonly flowing: number;
  /** The same from the end of the outage, for likes posted after that. */
  readonly back: number;
  /** Whether this was within the limit. */
  readonly recovered: boolean;
  /** Events that broke the protocol during the fault. */
  readonly brokenEvents: number;
  /** Likes of the fault's own load, on its own video. */
  readonly beside: { readonly answered: number; readonly unsure: number };
  /** Differences at rest in the fault's own load. */
  readonly wrong: readonly string[];
  /** Processes that ended by themselves during the fault. */
  readonly ends: readonly UnexpectedEnd[];
}

type Seconds = 'outage' | 'flowing' | 'back';

const FAULT = 'fault';
const COLUMNS: readonly { readonly key: Seconds; readonly head: string }[] = [
  { key: 'outage', head: 'outage' },
  { key: 'flowing', head: 'likes flow after' },
  { key: 'back', head: 'after restart' },
];

/** Whether the promise held: likes flowed again in time, and nothing was wrong. */
export function hasHeld({ brokenEvents, recovered, wrong }: Struck): boolean {
  return recovered && brokenEvents === 0 && wrong.length === 0;
}

/** One fault as a line, printed during the run. */
export function lineOf(struck: Struck): string {
  const { back, brokenEvents, fault, flowing, outage, recovered } = struck;
  const times = `outage ${outage.toFixed(1)} s, likes flow after ${flowing.toFixed(1)} s`;
  const wrong = [
    ...(recovered ? [] : ['TOO LONG']),
    ...(brokenEvents > 0 ? [`${brokenEvents} BROKEN EVENTS`] : []),
    ...struck.wrong,
  ];
  const verdict = hasHeld(struck) ? '' : `: ${wrong.join(', ')}`;
  return `${fault}: ${times}, ${back.toFixed(2)} s after restart${verdict}`;
}

/** A table of faults and results, one line per kind of fault. */
export function tableOf(all: readonly Struck[]): string {
  const names = [...new Set(all.map(({ fault }) => fault))].sort();
  const width = Math.max(FAULT.length, ...names.map(({ length }) => length));
  const heads = COLUMNS.map(({ head }) => head.padStart(widthOf(head)));
  const lines = names.map((name) => {
    const theirs = all.filter(({ fault }) => fault === name);
    const cells = COLUMNS.map(({ head, key }) => spread(theirs, key).padStart(widthOf(head)));
    const held = theirs.filter(hasHeld).length;
    const verdict = held === theirs.length ? 'yes' : `NO, ${theirs.length - held} did not`;
    return [name.padEnd(width), String(theirs.length).padStart(5), ...cells, verdict].join('  ');
  });
  const head = [FAULT.padEnd(width), 'times', ...heads, 'held'].join('  ');
  return [head, ...lines, 'seconds: median (worst)'].join('\n');
}

function widthOf(head: string): number {
  return Math.max(head.length, 12);
}

function spread(all: readonly Struck[], key: Seconds): string {
  const values = all.map((struck) => struck[key]).sort((a, b) => a - b);
  const [median = 0, worst = 0] = [values[Math.floor(values.length / 2)], values.at(-1)];
  return `${median.toFixed(1)} (${worst.toFixed(1)})`;
}
