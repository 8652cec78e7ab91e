import { setTimeout as wait } from 'node:timers/promises';

/** Waits some ms, or less when the signal comes first; never fails. */
export async function pause(ms: number, signal?: AbortSignal): Promise<void> {
  try {
    await wait(ms, undefined, signal === undefined ? {} : { signal });
  } catch {
    // Being called off is the other way for a pause to end.
  }
}
