import { appendFileSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../../../compose/native/folders';
import type { Held } from '../capacity';
import type { Compared } from '../compare';
import type { Growth } from '../growth';
import type { NeverReading } from '../never-reading';
import type { Real } from '../real';
import type { Rooms } from '../rooms';
import type { Soaked } from '../soak';
import type { Stormed } from '../storm';
import type { WritingResult } from '../writing';
import type { Machine } from './machine';

/** The default folder of reports. */
export const REPORT_FOLDER = join(ROOT, 'docs', 'bench');

/** The sections; a command measures one or several. */
export interface Sections {
  readonly compared: readonly Compared[];
  readonly neverReading: readonly NeverReading[];
  readonly growth: Growth;
  readonly capacity: readonly Held[];
  readonly storm: Stormed;
  readonly rooms: Rooms;
  readonly soak: Soaked;
  readonly real: readonly Real[];
  readonly writing: readonly WritingResult[];
}

/** The last figures of a section, with the machine. */
export interface Measured<T> {
  readonly at: string;
  readonly commit: string;
  readonly machine: Machine;
  readonly figures: T;
}

/** The newest figures of each section. */
export type Results = { readonly [S in keyof Sections]?: Measured<Sections[S]> };

/** A line of the history: a section's most important figures at one commit. */
export interface HistoryLine {
  readonly at: string;
  readonly commit: string;
  readonly processor: string;
  readonly section: keyof Sections;
  readonly figures: Readonly<Record<string, number>>;
}

/** The newest results of a folder; empty if it is new. */
export function readResults(folder: string): Results {
  const file = resultsFile(folder);
  return existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as Results) : {};
}

/** Saves a section's figures as the newest ones. */
export function keepNewest<S extends keyof Sections>(
  folder: string,
  section: S,
  measured: Measured<Sections[S]>,
): void {
  mkdirSync(folder, { recursive: true });
  const results = { ...readResults(folder), [section]: measured };
  writeFileSync(resultsFile(folder), `${JSON.stringify(results, rounded, 1)}\n`);
}

/** Keeps a section's most important figures for ever. */
export function addToHistory(folder: string, line: HistoryLine): void {
  mkdirSync(folder, { recursive: true });
  appendFileSync(historyFile(folder), `${JSON.stringify(line, rounded)}\n`);
}

/** Every line of the history, the oldest first. */
export function readHistory(folder: string): HistoryLine[] {
  const file = historyFile(folder);
  if (!existsSync(file)) return [];
  const lines = readFileSync(file, 'utf8').trim().split('\n');
  return lines.filter(Boolean).map((line) => JSON.parse(line) as HistoryLine);
}

function resultsFile(folder: string): string {
  return join(folder, 'results.json');
}

function historyFile(folder: string): string {
  return join(folder, 'history.jsonl');
}

const DIGITS = 5;

function rounded(_key: string, value: unknown): unknown {
  return typeof value === 'number' && !Number.isInteger(value)
    ? Number(value.toPrecision(DIGITS))
    : value;
}
