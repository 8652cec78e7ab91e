import fc from 'fast-check';
import { v7 } from 'uuid';
import type { LogRecord } from '../../../adapters/log-source';
import { SILENT_MS } from '../../../dispatchers/owner/unstored-records';
import { type DedupeWindow, MAX_AHEAD_MS } from '../../../schemas/dedupe-window';
import type { Position } from '../../../schemas/position';
import { encodeRecord } from '../../../schemas/record';
import type { Vector } from '../../../schemas/state';
import { VIDEO } from '../../fixtures/records';
import { ground, ORIGIN, WINDOW_MS } from '../parts';

const YEAR_MS = 365 * 24 * 3_600_000;
/** The number of likes of a history. */
export const IDS = 12;

/** A step of a clock: usually 0, else a second to ten years in either direction. */
const skew = fc.oneof(
  { weight: 4, arbitrary: fc.constant(0) },
  fc.integer({ min: -WINDOW_MS, max: WINDOW_MS }),
  fc.integer({ min: -3 * WINDOW_MS, max: 3 * WINDOW_MS }),
  fc.constantFrom(1_000, -1_000, YEAR_MS, -YEAR_MS, 10 * YEAR_MS, -10 * YEAR_MS),
);

/** The delay of an append: usually 0, else up to five windows. */
const delay = fc.oneof(
  { weight: 4, arbitrary: fc.nat({ max: 2_000 }) },
  fc.nat({ max: 5 * WINDOW_MS }),
);

const step = fc.oneof(
  {
    weight: 8,
    arbitrary: fc.record({
      kind: fc.constant('append' as const),
      // The first entry's delay is that of the record; another one was accepted somewhat later.
      ids: fc.array(fc.nat({ max: IDS - 1 }), { minLength: 1, maxLength: 4 }),
      apart: fc.oneof(fc.constant(0), fc.nat({ max: WINDOW_MS / 2 })),
      producer: fc.nat({ max: 1 }),
      delay,
      isStored: fc.boolean(),
    }),
  },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('consume' as const), most: fc.nat(6) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('checkpoint' as const) }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('takeover' as const) }) },
  {
    weight: 3,
    arbitrary: fc.record({
      kind: fc.constant('wait' as const),
      ms: fc.oneof(fc.nat({ max: WINDOW_MS / 4 }), fc.nat({ max: 2 * WINDOW_MS })),
    }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('skew' as const), clock: fc.nat({ max: 2 }), skew }),
  },
);
/** A step of a history. */
export type Step = typeof step extends fc.Arbitrary<infer T> ? T : never;

/** The error of the client's clock when it makes an id. */
const clientSkew = fc.oneof(
  { weight: 5, arbitrary: fc.integer({ min: -200, max: 200 }) },
  { weight: 3, arbitrary: fc.integer({ min: -2 * WINDOW_MS, max: 2 * WINDOW_MS }) },
  { weight: 1, arbitrary: fc.constant(MAX_AHEAD_MS - 1_000) },
  { weight: 1, arbitrary: fc.constant(undefined) },
);

/** Two producers, a log and an owner whose clocks all step; every copy of an id is appended. */
class History {
  readonly broken: string[] = [];
  private readonly parts;
  private readonly log: LogRecord[] = [];
  private readonly ids = new Map<number, string>();
  /** The ids of all entries in the log. */
  private readonly appended = new Set<string>();
  /** The errors of the clocks of both producers and of the log, ms. */
  private readonly skews = [0, 0, 0];
  private readonly stored: number[] = [0, 0];
  private readonly countsByVersion = new Map<number, string>();
  private partition;
  private position: Position = { done: 0, from: 0 };
  private next = 0;

  constructor(
    private readonly clientSkews: readonly (number | undefined)[],
    maxIds: number,
    dedupe?: DedupeWindow,
  ) {
    this.parts = ground({ maxIds, ...(dedupe && { dedupe }) });
    this.partition = this.parts.open();
  }

  async run(steps: readonly Step[]): Promise<void> {
    for (const each of steps) await this.do(each);
    await this.finish();
  }

  private async do(each: Step): Promise<void> {
    if (each.kind === 'append') return this.append(each);
    if (each.kind === 'consume') return this.consume(each.most + 1);
    if (each.kind === 'checkpoint') return this.checkpoint();
    if (each.kind === 'wait') return this.parts.clock.advance(each.ms);
    if (each.kind === 'skew') this.skews[each.clock] = each.skew;
    if (each.kind === 'takeover') {
      this.partition = this.parts.open(this.position);
      this.next = this.position.from;
    }
  }

  // If a record is not stored, its producer has died.
  private async append({ apart, delay, ids, isStored, producer }: Step & { kind: 'append' }) {
    const { clock, store } = this.parts;
    const offset = this.log.length;
    const first = clock.now() - delay + (this.skews[producer] ?? 0);
    const entries = ids.map((id, index) => {
      const entry = { id: this.idOf(id), memberId: 'ann', body: { reaction: 'like' } };
      return { ...entry, at: first + index * apart };
    });
    const appendedAt = clock.now() + (this.skews[2] ?? 0);
    const seq = isStored ? (this.stored[producer] ?? 0) + 1 : 1;
    if (isStored) {
      this.stored[producer] = seq;
      await store.insert(
        VIDEO,
        entries.map((entry) => ({ ...entry, offset })),
      );
    }
    const name = isStored ? `producer-${producer}` : `dead-${offset}`;
    const value = encodeRecord({ producer: name, seq, stored: isStored ? seq : 0, entries });
    for (const { id } of entries) this.appended.add(id);
    this.log.push({ offset, key: VIDEO, value, appendedAt });
  }

  private idOf(id: number): string {
    const ahead = this.clientSkews[id];
    const now = this.parts.clock.now();
    const made = ahead === undefined ? `own-${id}` : v7({ msecs: now + ahead });
    const known = this.ids.get(id) ?? made;
    this.ids.set(id, known);
    return known;
  }

  private async consume(most: number): Promise<void> {
    const records = this.log.slice(this.next, this.next + most);
    if (records.length === 0) return;
    for (const { update } of await this.partition.consume(records)) this.compare(update.vector);
    this.next += records.length;
  }

  /** A state is a function of the log: a version has the same counts at every owner. */
  private compare(vector: Vector): void {
    const { state = {}, version = 0 } = vector[ORIGIN] ?? {};
    const text = JSON.stringify(state);
    const before = this.countsByVersion.get(version) ?? text;
    this.countsByVersion.set(version, before);
    if (text !== before) this.broken.push(`version ${version}: ${before} and ${text}`);
  }

  private async checkpoint(): Promise<void> {
    this.position = (await this.partition.checkpoint()).position;
  }

  private async finish(): Promise<void> {
    await this.consume(this.log.length);
    await this.parts.clock.advance(SILENT_MS);
    await this.checkpoint();
    const total = this.parts.states.total(VIDEO);
    const distinct = this.appended.size;
    if (total !== distinct) this.broken.push(`${total} counted, ${distinct} ids`);
    if (this.parts.store.rows.size !== distinct) this.broken.push('a row is missing');
  }
}

/** The arbitraries of a history. */
export const history = {
  steps: fc.array(step, { maxLength: 60, size: 'max' }),
  skews: fc.array(clientSkew, { minLength: IDS, maxLength: IDS }),
  maxIds: fc.constantFrom(2, 5, 1_000),
};

/** The broken promises of a history. */
export async function brokenBy(
  { maxIds, skews, steps }: { maxIds: number; skews: (number | undefined)[]; steps: Step[] },
  dedupe?: DedupeWindow,
): Promise<string[]> {
  const run = new History(skews, maxIds, dedupe);
  await run.run(steps);
  return run.broken;
}
