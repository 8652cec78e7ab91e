import { type Clock, every, type Timer } from './clock';

/** The time between two looks at the parent. */
export const LOOK_MS = 200;

/** What npm runs is the program itself, as in `npx likestream`, with or without quotes. */
const RUNS_LIKESTREAM = /^'?likestream'?(?:\s|$)/;

export interface ShellOptions {
  readonly clock: Clock;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly parent: () => number;
}

/**
 * Calls `ended` once the shell is gone by which npm runs this program. Npm hands a signal to that
 * shell only, and the shell ends without handing it on. Returns undefined if npm did not start it.
 */
export function onShellEnd(
  { clock, env, parent }: ShellOptions,
  ended: () => void,
): Timer | undefined {
  if (!RUNS_LIKESTREAM.test(env.npm_lifecycle_script ?? '')) return undefined;
  const shell = parent();
  const looking = every(clock, LOOK_MS, () => {
    if (parent() === shell) return;
    looking.cancel();
    ended();
  });
  return looking;
}
