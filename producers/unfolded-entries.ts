import { BoundedMap } from '../runtime/bounded-map';
import type { Entry, LoggedType } from '../schemas/event-type';
import type { Vector, Versioned } from '../schemas/state';

/** The most channels whose entries are kept, and the most entries of one. */
export const MAX_UNFOLDED_CHANNELS = 10_000;
export const MAX_UNFOLDED_ENTRIES = 256;

/** The offset of an entry that is on its way into the log. */
export const IN_FLIGHT = Number.MAX_SAFE_INTEGER;

/** An entry that this producer appends. */
export interface UnfoldedEntry {
  entry: Entry;
  offset: number;
}

export interface UnfoldedEntriesOptions {
  readonly type: Pick<LoggedType, 'policy'>;
  /** The origin of the log, `dc1.1`. */
  readonly origin: string;
}

/**
 * The entries of one type that this producer has appended and that its owner may not have folded
 * yet. With them, an entry is decided over by all earlier ones of this producer.
 */
export class UnfoldedEntries {
  private readonly byChannel = new BoundedMap<string, readonly UnfoldedEntry[]>(
    MAX_UNFOLDED_CHANNELS,
  );

  constructor(private readonly options: UnfoldedEntriesOptions) {}

  add(channel: string, entry: Entry): UnfoldedEntry {
    const added: UnfoldedEntry = { entry, offset: IN_FLIGHT };
    const before = this.byChannel.get(channel) ?? [];
    this.byChannel.set(channel, [...before, added].slice(-MAX_UNFOLDED_ENTRIES));
    return added;
  }

  /** Removes an entry that is not in the log. */
  remove(channel: string, removed: UnfoldedEntry): void {
    this.keep(channel, (entry) => entry !== removed);
  }

  /** The states with the entries of this producer that they lack. Forgets the others. */
  over(channel: string, states: Vector): Vector {
    const { origin, type } = this.options;
    const own = states[origin];
    this.keep(channel, ({ offset }) => offset > (own?.version ?? -1));
    const entries = this.byChannel.get(channel);
    if (!entries) return states;
    let folded: Versioned = own ?? { version: -1, state: type.policy.empty };
    for (const { entry, offset } of entries) {
      folded = { version: offset, state: type.policy.fold(folded.state, entry, offset) };
    }
    return { ...states, [origin]: folded };
  }

  private keep(channel: string, isKept: (entry: UnfoldedEntry) => boolean): void {
    const before = this.byChannel.get(channel);
    if (!before) return;
    const kept = before.filter(isKept);
    if (kept.length === 0) this.byChannel.delete(channel);
    else if (kept.length < before.length) this.byChannel.set(channel, kept);
  }
}
