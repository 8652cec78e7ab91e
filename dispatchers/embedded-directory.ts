import type { Clock } from '../runtime/clock';
import type { Worker } from '../schemas/delivery';
import { type Directory, LEASE_MS, ownerOf } from './directory';

interface Lease {
  readonly worker: Worker;
  readonly until: number;
}

/** Who watches what, in memory. */
export class EmbeddedDirectory implements Directory {
  private readonly leases = new Map<string, Lease>();
  private readonly watchers = new Map<string, Set<string>>();
  private readonly channels = new Map<string, Set<string>>();

  constructor(private readonly clock: Clock) {}

  async renew(worker: Worker): Promise<void> {
    this.leases.set(worker.id, { worker, until: this.clock.monotonic() + LEASE_MS });
    for (const id of [...this.leases.keys(), ...this.channels.keys()]) {
      if (!this.alive(id)) this.forget(id);
    }
  }

  async change(id: string, join: readonly string[], leave: readonly string[]): Promise<void> {
    for (const channel of leave) this.remove(channel, id);
    for (const channel of join) {
      setIn(this.watchers, channel).add(id);
      setIn(this.channels, id).add(channel);
    }
  }

  async watching(channels: readonly string[]): Promise<readonly (readonly Worker[])[]> {
    return channels.map((channel) => {
      const owner = ownerOf(channel);
      const ids = owner === undefined ? [...(this.watchers.get(channel) ?? [])] : [owner];
      return ids.map((id) => this.alive(id)).filter((worker) => worker !== undefined);
    });
  }

  async held(id: string): Promise<readonly string[]> {
    return [...(this.channels.get(id) ?? [])];
  }

  private alive(id: string): Worker | undefined {
    const lease = this.leases.get(id);
    return lease && lease.until > this.clock.monotonic() ? lease.worker : undefined;
  }

  private forget(id: string): void {
    this.leases.delete(id);
    for (const channel of this.channels.get(id) ?? []) this.remove(channel, id);
    this.channels.delete(id);
  }

  private remove(channel: string, id: string): void {
    const ids = this.watchers.get(channel);
    ids?.delete(id);
    if (ids?.size === 0) this.watchers.delete(channel);
    this.channels.get(id)?.delete(channel);
  }
}

function setIn(sets: Map<string, Set<string>>, key: string): Set<string> {
  const set = sets.get(key) ?? new Set();
  sets.set(key, set);
  return set;
}
