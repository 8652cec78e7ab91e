import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pictures } from './charts';
import { IMPORTANT } from './important';
import { thisCommit, thisMachine } from './machine';
import { type Absent, reportText } from './markdown';
import { addToHistory, keepNewest, readHistory, readResults, type Sections } from './results';

/** Saves figures, writes the report again, and adds a line to the history. */
export function record<S extends keyof Sections>(
  folder: string,
  section: S,
  figures: Sections[S],
  absent: readonly Absent[] = [],
): void {
  remember(folder, section, figures);
  update(folder, section, figures, absent);
}

/** Saves figures as the newest ones, and writes the report again. */
export function update<S extends keyof Sections>(
  folder: string,
  section: S,
  figures: Sections[S],
  absent: readonly Absent[] = [],
): void {
  const at = new Date().toISOString();
  keepNewest(folder, section, { at, commit: thisCommit(), machine: thisMachine(), figures });
  writeReport(folder, absent);
}

/** Adds a line to the history. */
export function remember<S extends keyof Sections>(
  folder: string,
  section: S,
  measured: Sections[S],
): void {
  const { cores, processor } = thisMachine();
  addToHistory(folder, {
    at: new Date().toISOString(),
    commit: thisCommit(),
    processor: `${cores} × ${processor}`,
    section,
    figures: IMPORTANT[section](measured),
  });
}

/** Writes the report and its pictures from the newest figures. */
export function writeReport(folder: string, absent: readonly Absent[] = []): void {
  const results = readResults(folder);
  for (const [name, svg] of pictures(results)) writeFileSync(join(folder, name), svg);
  writeFileSync(join(folder, 'report.md'), reportText(results, readHistory(folder), absent));
}
