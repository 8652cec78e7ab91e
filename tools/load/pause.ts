import { setTimeout as wait } from 'node:timers/promises';

/** Waits `ms`, or until the signal is aborted; never rejects. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, signal === undefined ? {} : { signal });
  } catch {
    // An abort ends the pause, too.
  }
}
