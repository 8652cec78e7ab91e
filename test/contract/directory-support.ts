import type { Directory } from '../../adapters/directory';
import type { Leases } from '../../adapters/leases';
import type { StateCache } from '../../adapters/state-cache';
import { LiveWorkers } from '../../dispatchers/workers/live-workers';
import type { Clock } from '../../runtime/clock';
import type { Worker } from '../../schemas/delivery';
import type { Feeds } from '../../schemas/state';
import { freshId, type Time } from './time';

export interface DirectoryFixture {
  readonly directory: Directory;
  readonly leases: Leases;
  /** The cache with the states of the digests. */
  readonly cache: StateCache;
  readonly clock: Clock;
  readonly time: Time;
  readonly close: () => Promise<void>;
}

/** A worker with a new id. */
export function freshWorker(): Worker {
  const id = freshId('worker');
  return { id, url: `http://127.0.0.1:1/${id}` };
}

export type Use = () => ReturnType<typeof asTests>;

/** A directory fixture with the one `LiveWorkers` of its tests. */
export function asTests(fixture: DirectoryFixture) {
  const { cache, clock, directory, leases, time } = fixture;
  const failed = (): void => undefined;
  const workers = new LiveWorkers({ directory, leases, clock, removesDead: true, failed });
  let beat = 0;
  const renew = (worker: Worker) => {
    beat += 1;
    return time.finish(leases.renew(worker, beat));
  };
  const change = ({ id }: Worker, join: string[], leave: string[] = [], buckets?: number[]) =>
    time.finish(directory.change(id, join, leave, buckets));
  return {
    directory,
    leases,
    workers,
    time,
    renew,
    change,
    put: (channel: string, feeds: Feeds) => time.finish(cache.put(new Map([[channel, feeds]]))),
    digest: async ({ id }: Worker) => [...(await time.finish(directory.digest(id, 0)))],
    leaseOf: async ({ id }: Worker) =>
      (await time.finish(leases.all())).find(({ worker }) => worker.id === id),
    async watching(...channels: string[]) {
      const found = await time.finish(workers.watching(channels));
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
