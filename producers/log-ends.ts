import type { EventLog, LogEntry } from '../adapters/event-log';
import { datacenterOf } from '../schemas/origins';
import type { Vector } from '../schemas/state';

/**
 * A log is taken to have no offset that is this many times greater than the greatest known one,
 * and this much more: partitions of one log may differ widely.
 */
const FACTOR = 1_000;
const MARGIN = 1_000;

/** The most logs whose ends are kept: far more than there are types and origins. */
const MAX_LOGS = 1_000;

export interface LogEndsOptions {
  /** The origin of our log, `dc1.1`. */
  readonly origin: string;
  /** The names of the other datacenters. */
  readonly peers: readonly string[];
}

/** The greatest offsets that this process has seen, by type and origin: not the logs' real ends. */
export class LogEnds {
  private readonly ends = new Map<string, number>();

  constructor(private readonly options: LogEndsOptions) {}

  /** A log whose appends are noted. */
  noting(log: EventLog): EventLog {
    const append = (type: string, entries: readonly LogEntry[]) =>
      log.append(type, entries).then((offsets) => {
        this.note(type, this.options.origin, offsets.at(-1) ?? -1);
        return offsets;
      });
    return { append };
  }

  noteVector(type: string, vector: Vector): void {
    for (const [origin, { version }] of Object.entries(vector)) this.note(type, origin, version);
  }

  /** Whether the log of a type and an origin may have an entry at an offset, now or soon. */
  mayHave(type: string, origin: string, offset: number): boolean {
    const end = this.ends.get(nameOf(type, origin));
    if (end !== undefined) return offset <= (end + MARGIN) * FACTOR;
    const { origin: own, peers } = this.options;
    return origin === own || peers.includes(datacenterOf(origin));
  }

  private note(type: string, origin: string, offset: number): void {
    const name = nameOf(type, origin);
    const before = this.ends.get(name);
    if (before === undefined && this.ends.size >= MAX_LOGS) return;
    if (before === undefined || offset > before) this.ends.set(name, offset);
  }
}

function nameOf(type: string, origin: string): string {
  return `${type}/${origin}`;
}
