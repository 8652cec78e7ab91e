/**
 * Waits until all of these have ended, and rejects with the first error among them. With
 * `Promise.all` the caller could begin anew while some still run.
 */
export async function allEnded(ending: readonly Promise<unknown>[]): Promise<void> {
  for (const each of await Promise.allSettled(ending)) {
    if (each.status === 'rejected') throw each.reason;
  }
}
