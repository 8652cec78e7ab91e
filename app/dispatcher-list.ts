import type { Directory } from '../adapters/directory';
import type { Leases } from '../adapters/leases';
import type { LiveWorkers } from '../dispatchers/workers/live-workers';
import { type Clock, every } from '../runtime/clock';
import { RENEW_MS, type Worker } from '../schemas/delivery';

/** In the directory, dispatchers watch this channel. Viewers cannot: its kind is reserved. */
const CHANNEL = 'role:dispatcher';

const LOOK_UP_MS = 1_000;

/**
 * Keeps a dispatcher in the directory, so that frontends find it. The returned function removes it.
 */
export function announceDispatcher(
  { directory, leases }: { readonly directory: Directory; readonly leases: Leases },
  worker: Worker,
  clock: Clock,
  failed: (doing: string, error: unknown) => void,
): () => Promise<void> {
  let beat = 0;
  const announce = async (): Promise<void> => {
    beat += 1;
    try {
      await leases.renew(worker, beat);
      await directory.change(worker.id, [CHANNEL], []);
    } catch (error) {
      failed('announce', error);
    }
  };
  let announcing = announce();
  const announcements = every(clock, RENEW_MS, () => {
    announcing = announce();
  });
  return async () => {
    announcements.cancel();
    // It would add the dispatcher again.
    await announcing;
    await directory.change(worker.id, [], [CHANNEL]).catch((error) => failed('announce', error));
  };
}

/** The URLs of the live dispatchers, read from the directory at most once a second. */
export class DispatcherList {
  private urls: readonly string[] = [];
  private freshUntil = 0;

  constructor(
    private readonly workers: Pick<LiveWorkers, 'watching'>,
    private readonly clock: Clock,
  ) {}

  /** Rejects with `directory_unavailable` if the directory cannot be read and no URL is known. */
  async all(): Promise<readonly string[]> {
    if (this.clock.monotonic() < this.freshUntil) return this.urls;
    try {
      const [workers = []] = await this.workers.watching([CHANNEL]);
      this.urls = workers.map(({ url }) => url);
      if (this.urls.length > 0) this.freshUntil = this.clock.monotonic() + LOOK_UP_MS;
    } catch (error) {
      if (this.urls.length === 0) throw error;
    }
    return this.urls;
  }
}
