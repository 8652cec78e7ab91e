import { sumOf, totalOf } from '../../schemas/policies/counter';
import type { Feeds, Versioned } from '../../schemas/state';
import type { KnownCounts, Verifier } from './contract-client';

export const CHANNELS = ['video:1', 'video:2'];
export const TYPES = ['likes', 'votes', 'entries'];
export const ORIGINS = ['dc1.1', 'dc2.1'];

/** The states of one log after each of its records, the oldest first. */
class Log {
  readonly states: { readonly version: number; readonly state: object }[] = [];

  constructor(private readonly type: string) {}

  /** Appends a record: an entry with this key, a copy, or the cancel of an entry. */
  append(key: string, kind: 'entry' | 'copy' | 'cancel'): void {
    const last = this.states.at(-1);
    const version = last ? last.version + 1 : 0;
    const before = last?.state ?? (this.type === 'entries' ? [] : {});
    if (kind === 'copy' && last) this.states.push({ version, state: before });
    else if (Array.isArray(before)) this.states.push({ version, state: [...before, version] });
    else this.states.push({ version, state: this.counted({ ...before }, key, kind) });
  }

  private counted(of: Record<string, number>, key: string, kind: string): object {
    const has = (of[key] ?? 0) > 0;
    const by = kind === 'cancel' && has ? -1 : 1;
    return { ...of, [key]: (of[key] ?? 0) + by };
  }
}

/** The logs of two datacenters, and what a client must know at any of their versions. */
export class Logs implements Verifier {
  private readonly logs = new Map<string, Log>();

  append(
    channel: string,
    type: string,
    origin: string,
    key: string,
    kind: 'entry' | 'copy' | 'cancel',
  ) {
    const log = this.log(channel, type, origin) ?? new Log(type);
    this.logs.set(`${channel}/${type}/${origin}`, log);
    // A datacenter cancels an entry only if an earlier one has counted it, too.
    const mayCancel = origin !== 'dc1.1' && this.log(channel, type, 'dc1.1') !== undefined;
    log.append(key, kind === 'cancel' && !mayCancel ? 'entry' : kind);
  }

  /** The state of a feed's origin before the last `age` records; undefined if there was none. */
  stateOf(channel: string, type: string, origin: string, age = 0): Versioned | undefined {
    const states = this.log(channel, type, origin)?.states ?? [];
    return states[states.length - 1 - age];
  }

  /** All states of a channel, each before the last `age` records of its log. */
  feedsOf(channel: string, age = 0): Record<string, Record<string, Versioned>> {
    const feeds: Record<string, Record<string, Versioned>> = {};
    for (const type of TYPES) {
      for (const origin of ORIGINS) {
        const state = this.stateOf(channel, type, origin, age);
        if (state) feeds[type] = { ...feeds[type], [origin]: state };
      }
    }
    return feeds;
  }

  counts(channel: string, type: string, vector: ReadonlyMap<string, number>): KnownCounts {
    const counts = sumOf(
      [...vector].map(([origin, version]) => countsIn(this.at(channel, type, origin, version))),
    );
    return { total: totalOf(counts), counts };
  }

  entries(channel: string, vector: ReadonlyMap<string, number>): readonly string[] {
    const all = [...vector].flatMap(([origin, version]) => {
      const state = this.at(channel, 'entries', origin, version);
      return Array.isArray(state) ? state.map((offset) => `${origin}@${offset}`) : [];
    });
    return all.sort();
  }

  /** The newest versions of a feed. */
  newest(channel: string, type: string): ReadonlyMap<string, number> {
    const feeds: Feeds = this.feedsOf(channel);
    return new Map(
      Object.entries(feeds[type] ?? {}).map(([origin, { version }]) => [origin, version]),
    );
  }

  private at(channel: string, type: string, origin: string, version: number): object {
    const state = this.log(channel, type, origin)?.states[version]?.state;
    if (!state) throw new Error(`${channel}/${type}: ${origin} never had version ${version}`);
    return state;
  }

  private log(channel: string, type: string, origin: string): Log | undefined {
    return this.logs.get(`${channel}/${type}/${origin}`);
  }
}

function countsIn(state: object): Record<string, number> {
  return Object.fromEntries(Object.entries(state).map(([key, n]) => [key, Number(n)]));
}
