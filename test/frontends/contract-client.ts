import { z } from 'zod';
import { parseVectorText } from '../../schemas/place';
import type { StreamEvent } from './parts';

const counts = z.record(z.string(), z.int());
const news = z.object({
  channel: z.string(),
  new: z.int(),
  seen: z.string(),
  total: z.int().optional(),
  reactions: counts.optional(),
  votes: z.int().optional(),
  options: counts.optional(),
});
const entry = z.object({ channel: z.string(), entry: z.string(), seen: z.string() });
const snapshot = news.omit({ new: true, seen: true }).extend({
  seen: z.record(z.string(), z.string()),
  entries: z.array(z.string()).optional(),
});

/** A counter as a client knows it. */
export interface KnownCounts {
  readonly total: number;
  readonly counts: Readonly<Record<string, number>>;
}

/** Verifies what a client was sent against the states that the logs had. */
export interface Verifier {
  counts(channel: string, type: string, vector: ReadonlyMap<string, number>): KnownCounts;
  entries(channel: string, vector: ReadonlyMap<string, number>): readonly string[];
}

/** The fields of a counter in events and snapshots, by event type. */
const FIELDS = { likes: ['total', 'reactions'], votes: ['votes', 'options'] } as const;
type Counter = keyof typeof FIELDS;

/**
 * A client that follows the contract of the stream, and throws at an event that breaks it. It keeps
 * the last id, and for each channel the id of its last event.
 */
export class ContractClient {
  readonly counters = new Map<string, KnownCounts>();
  readonly entries = new Map<string, string[]>();
  /** By channel, the id of its last event. */
  readonly idOf = new Map<string, string>();
  lastId = '';
  /** The number of events read. */
  read = 0;

  constructor(private readonly verify: Verifier) {}

  take({ data, event, id }: StreamEvent): void {
    if (['ready', 'ping', 'bye'].includes(event)) {
      expect(id).toBeUndefined();
      return;
    }
    if (event === 'snapshot') this.takeSnapshot(data);
    else if (event === 'entry') this.takeEntry(data);
    else if (event === 'likes' || event === 'votes') this.takeNews(event, data);
    else throw new Error(`unknown event ${event}`);
    if (id === undefined) throw new Error(`${event} has no id`);
    this.read += 1;
    this.lastId = id;
    this.idOf.set(String(data.channel), id);
  }

  private takeSnapshot(data: unknown): void {
    const { channel, entries, seen, ...fields } = snapshot.parse(data);
    expect(Object.keys(seen).length).toBeGreaterThan(0);
    for (const type of ['likes', 'votes'] as const) {
      const vector = seen[type];
      const [total, byKey] = FIELDS[type];
      expect([type, fields[total] !== undefined]).toEqual([type, vector !== undefined]);
      expect([type, fields[byKey] !== undefined]).toEqual([type, vector !== undefined]);
      if (vector !== undefined) this.takeCounts(type, channel, fields, vector);
    }
    expect(entries !== undefined).toBe(seen.entries !== undefined);
    if (entries === undefined) return;
    this.entries.set(channel, entries);
    expect([...entries].sort()).toEqual(this.verify.entries(channel, parsed(seen.entries ?? '')));
  }

  private takeNews(type: Counter, data: unknown): void {
    const fields = news.parse(data);
    const before = this.counters.get(`${fields.channel}/${type}`)?.total ?? Number.NaN;
    expect([type, before + fields.new]).toEqual([type, fields[FIELDS[type][0]]]);
    this.takeCounts(type, fields.channel, fields, fields.seen);
  }

  private takeCounts(
    type: Counter,
    channel: string,
    fields: Omit<z.infer<typeof snapshot>, 'channel' | 'seen' | 'entries'>,
    vector: string,
  ): void {
    const [total, byKey] = FIELDS[type];
    const known = { total: fields[total] ?? Number.NaN, counts: fields[byKey] ?? {} };
    expect(known).toEqual(this.verify.counts(channel, type, parsed(vector)));
    this.counters.set(`${channel}/${type}`, known);
  }

  private takeEntry(data: unknown): void {
    const { channel, entry: name, seen } = entry.parse(data);
    const all = this.entries.get(channel) ?? [];
    expect(all).not.toContain(name);
    all.push(name);
    this.entries.set(channel, all);
    expect([...all].sort()).toEqual(this.verify.entries(channel, parsed(seen)));
  }
}

function parsed(vector: string): ReadonlyMap<string, number> {
  const versions = parseVectorText(vector);
  if (!versions) throw new Error(`no vector: ${vector}`);
  return versions;
}
