import { Counter, type Registry } from 'prom-client';

/** The entries of a type that were accepted, by outcome. */
interface Taken {
  new: number;
  known: number;
}

/**
 * The counter of accepted entries. It adds to prom-client's counter at each scrape, because
 * prom-client verifies and hashes the labels at each call: too much work for each request.
 */
export class TakenEntries {
  private readonly pending = new Map<string, Taken>();

  constructor(registry: Registry) {
    const { pending } = this;
    new Counter({
      name: 'likestream_entries_taken_total',
      help: 'Accepted entries; outcome: new, or known if the id existed already',
      labelNames: ['type', 'outcome'] as const,
      registers: [registry],
      collect() {
        for (const [type, taken] of pending) {
          this.inc({ type, outcome: 'new' }, taken.new);
          this.inc({ type, outcome: 'known' }, taken.known);
        }
        pending.clear();
      },
    });
  }

  add(type: string, outcome: keyof Taken, entries: number): void {
    const taken = this.pending.get(type) ?? { new: 0, known: 0 };
    taken[outcome] += entries;
    this.pending.set(type, taken);
  }
}
