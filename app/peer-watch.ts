import type { KnownLog } from '../adapters/cassandra/known-logs';
import { logsOf } from './generations';

export interface PeerWatchOptions {
  readonly peers: readonly string[];
  /** The logs whose updates this process reads, as origins. */
  readonly read: () => readonly string[];
  /** The logs that are recorded now. */
  readonly logs: () => Promise<readonly KnownLog[]>;
  readonly warn: (line: string) => void;
}

/** Warns once of each peer that has begun a log whose updates this process does not read. */
export class PeerWatch {
  private readonly warned = new Set<string>();

  constructor(private readonly options: PeerWatchOptions) {}

  /** Rejects if the store cannot be read. */
  async check(): Promise<void> {
    const { logs, peers, read, warn } = this.options;
    if (peers.length === 0) return;
    const known = await logs();
    for (const peer of peers) {
      const origin = logsOf(known, peer).at(-1)?.origin;
      if (origin === undefined || this.warned.has(origin)) continue;
      if (read().includes(origin)) continue;
      this.warned.add(origin);
      warn(`${origin} has begun: restart this process, so that it reads the updates of ${origin}`);
    }
  }
}
