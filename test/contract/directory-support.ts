import type { Directory, StateCache } from '../../dispatchers/directory';
import type { Worker } from '../../schemas/delivery';
import type { Vector } from '../../schemas/state';
import { freshId, type Time } from './time';

export interface DirectoryPart {
  readonly directory: Directory;
  /** The cache with the states of the digests. */
  readonly cache: StateCache;
  /** The time until a lease ends without renewal, ms. */
  readonly leaseMs: number;
  readonly time: Time;
  readonly close: () => Promise<void>;
}

/** A worker with a new id. */
export function freshWorker(): Worker {
  const id = freshId('worker');
  return { id, url: `http://127.0.0.1:1/${id}` };
}

export type Use = () => ReturnType<typeof asTests>;

/** The directory with the parts that tests use. */
export function asTests({ cache, directory, leaseMs, time }: DirectoryPart) {
  const renew = (worker: Worker) => time.finish(directory.renew(worker));
  const change = ({ id }: Worker, join: string[], leave: string[] = [], buckets?: number[]) =>
    time.finish(directory.change(id, join, leave, buckets));
  return {
    leaseMs,
    time,
    renew,
    change,
    put: (channel: string, vector: Vector) => time.finish(cache.put(new Map([[channel, vector]]))),
    digest: async ({ id }: Worker) => [...(await time.finish(directory.digest(id, 0)))],
    async watching(...channels: string[]) {
      const found = await time.finish(directory.watching(channels));
      return found.map((workers) => [...workers].sort((a, b) => (a.id < b.id ? -1 : 1)));
    },
    async lease(...join: string[]) {
      const worker = freshWorker();
      await renew(worker);
      await change(worker, join);
      return worker;
    },
  };
}
