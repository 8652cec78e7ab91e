import { ROOT } from '../../compose/native/folders';
import { leaveServerCore } from './cores';
import { commitOf } from './report/machine';
import type { Measuring } from './writing/asked';
import type { Line } from './writing/line';
import type { WritingRow } from './writing/rows';

/** The lines of one row, and when they were measured. */
export interface WritingResult {
  readonly row: string;
  readonly at: string;
  readonly commit: string;
  readonly lines: readonly Line[];
  /** Why the row has no lines. */
  readonly failed?: string;
}

/**
 * Measures rows one after the other; a row that fails stops no other. Calls `measured` with all
 * results so far after each row.
 */
export async function writing(
  measuring: Measuring,
  rows: readonly WritingRow[],
  measured: (results: readonly WritingResult[]) => void,
): Promise<WritingResult[]> {
  const results: WritingResult[] = [];
  for (const { measure, name } of rows) {
    leaveServerCore();
    const about = { row: name, at: new Date().toISOString(), commit: commitOf(ROOT) };
    try {
      results.push({ ...about, lines: await measure(measuring) });
      measuring.progress.done(`${name}: measured`);
    } catch (error) {
      const failed = error instanceof Error ? error.message : String(error);
      results.push({ ...about, lines: [], failed });
      measuring.progress.done(`FAILED: ${name}: ${failed}`);
    }
    measured(results);
  }
  return results;
}

/** The newest result of each row: those of `before` that were not measured again stay. */
export function newestOf(
  before: readonly WritingResult[],
  now: readonly WritingResult[],
): WritingResult[] {
  const measured = new Map(now.map((result) => [result.row, result]));
  const kept = before.filter(({ row }) => !measured.has(row));
  return [...kept, ...now];
}
