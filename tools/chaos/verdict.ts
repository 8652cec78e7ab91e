import type { Counts } from '../load/api';
import { areSameReactions } from '../load/messages';
import { kept, type Result } from '../load/result';
import { hasHeld, type Struck } from './record';

/** The outcome of a run. */
export interface Outcome {
  readonly struck: readonly Struck[];
  readonly load: Result;
  /** The counts of the rows of the run's video. */
  readonly rows: Counts;
  /** The faults that the probes found. */
  readonly broken: readonly string[];
  /** Whether totals may step back. */
  readonly mayStepBack?: boolean;
}

/** Whether the promise held in every fault, and rows, GET and all viewers have equal counts. */
export function isExact({ broken, load, mayStepBack, rows, struck }: Outcome): boolean {
  const mayStep = mayStepBack || load.broken.stepsBack === 0;
  const isKept = kept(load) && mayStep && broken.length === 0;
  const { reactions, total } = load.verdict;
  const isSame = rows.total === total && areSameReactions(rows.reactions, reactions);
  return isKept && isSame && struck.every(hasHeld);
}

/** The verdict as text, one sentence per line. */
export function verdictOf(outcome: Outcome): string {
  const { broken, load, rows, struck } = outcome;
  const { posted, verdict } = load;
  const lines = [
    `${struck.length} faults, ${struck.filter(hasHeld).length} held; ` +
      `${posted.taken} likes answered, ${posted.unknown} with no answer`,
    `${rows.total} rows, total ${verdict.total}, ` +
      `${verdict.exactViewers} of ${verdict.viewers} viewers have it and each reaction`,
    `reactions: rows ${JSON.stringify(rows.reactions)}, GET ${JSON.stringify(verdict.reactions)}`,
    besideOf(struck),
    ...endsOf(struck),
    ...struck.flatMap(({ fault, wrong }) => wrong.map((what) => `${fault}: ${what}`)),
    ...verdict.offenders,
    ...load.broken.examples,
    ...broken,
    isExact(outcome) ? 'exact' : 'NOT exact',
  ];
  return lines.join('\n');
}

function besideOf(struck: readonly Struck[]): string {
  const sum = (key: 'answered' | 'unsure') => struck.reduce((all, it) => all + it.beside[key], 0);
  return `beside, on videos of single faults: ${sum('answered')} answered, ${sum('unsure')} not`;
}

/** Processes that ended by themselves and were started again, each line once. */
function endsOf(struck: readonly Struck[]): string[] {
  const lines = struck.flatMap(({ ends, fault }) =>
    ends.map(({ code, line, role }) => `${fault}: ${role} ended with ${code}: ${line}`),
  );
  return [...new Set(lines)];
}
