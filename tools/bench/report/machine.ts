import { execFileSync } from 'node:child_process';
import { arch, cpus, release, totalmem, type } from 'node:os';
import { ROOT } from '../../../compose/native/folders';

/** The machine, commit and time of a measurement. */
export interface Machine {
  readonly cores: number;
  readonly processor: string;
  readonly kernel: string;
  readonly memoryGiB: number;
  readonly node: string;
}

export function thisMachine(): Machine {
  const [first] = cpus();
  return {
    cores: cpus().length,
    processor: first?.model.trim() ?? 'unknown',
    kernel: `${type()} ${/^\d+\.\d+/.exec(release())?.[0] ?? ''} ${arch()}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    node: process.version,
  };
}

/** Files that a run writes. */
const NOT_FIGURES = ':!docs/bench';

/** The measured commit; with a `+` if files differ from it. */
export function thisCommit(): string {
  return commitOf(ROOT);
}

/** The commit of any checkout. */
export function commitOf(checkout: string): string {
  try {
    const git = (...args: string[]): string =>
      execFileSync('git', args, { cwd: checkout, encoding: 'utf8' }).trim();
    const changed = git('status', '--porcelain', '--untracked-files=no', '--', NOT_FIGURES) !== '';
    return `${git('rev-parse', '--short=10', 'HEAD')}${changed ? '+' : ''}`;
  } catch {
    return 'unknown';
  }
}
