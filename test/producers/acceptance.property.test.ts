import fc from 'fast-check';
import '../fixtures/same-runs';
import { v7 } from 'uuid';
import { Acceptance, type AcceptResult } from '../../producers/acceptance';
import { AppendSequence } from '../../producers/append-sequence';
import { RecentIds } from '../../producers/recent-ids';
import { MAX_RECORD_BYTES, MAX_RECORD_ENTRIES } from '../../producers/record-pieces';
import { DedupeWindow } from '../../schemas/dedupe-window';
import { asLikestreamError } from '../../schemas/errors';
import { Seeded } from '../simulation/seeded';
import { VirtualClock } from '../simulation/virtual-clock';
import { notes, ORIGIN, WINDOW_MS } from './parts';
import { type CalledRecord, type Outcome, ScriptedLog, ScriptedStore } from './scripted';

/** A request, which has its own text, and its end. */
interface Sent {
  readonly channel: string;
  readonly text: string;
  readonly ids: readonly string[];
  results?: readonly AcceptResult[];
  code?: string;
}

interface Step {
  readonly channelId: string;
  readonly ids: readonly number[];
  readonly size: number;
  readonly waitMs: number;
}

const outcome = fc.record({
  kind: fc.constantFrom('done', 'done', 'done', 'refused', 'failed', 'unanswered'),
  afterMs: fc.constantFrom(1, 3, 10, 40, 4_000),
}) as fc.Arbitrary<Outcome>;

const step: fc.Arbitrary<Step> = fc.record({
  channelId: fc.constantFrom('a', 'a', 'b'),
  ids: fc.array(fc.nat(5), { minLength: 1, maxLength: 4 }),
  size: fc.constantFrom(10, 10, 30_000),
  waitMs: fc.constantFrom(0, 0, 0, 1, 5, 50, 1_500),
});

function open(sharesRecords: boolean) {
  const clock = new VirtualClock();
  const type = notes(sharesRecords);
  const store = new ScriptedStore(clock);
  const log = new ScriptedLog(type, clock, store);
  const { entropy } = new Seeded(3);
  const acceptance = new Acceptance({
    ...{ type, origin: ORIGIN, log, store, clock, entropy },
    sequence: new AppendSequence(entropy),
    recent: new RecentIds(),
    dedupe: new DedupeWindow(WINDOW_MS),
  });
  const young = [0, 1, 2].map(() => v7({ msecs: clock.now() }));
  return { acceptance, clock, ids: ['x', 'y', 'z', ...young], log, store };
}

type Opened = ReturnType<typeof open>;

async function run({ acceptance, clock, ids }: Opened, steps: readonly Step[]): Promise<Sent[]> {
  const all: Sent[] = [];
  for (const [number, { channelId, size, waitMs, ...step }] of steps.entries()) {
    const text = `${number} `.padEnd(size, 'x');
    const sent: Sent = {
      channel: `book:${channelId}`,
      text,
      ids: step.ids.map((at) => ids[at] ?? ''),
    };
    const entries = sent.ids.map((id) => ({ id, body: { text } }));
    acceptance.accept(channelId, `member-${number}`, entries).then(
      (results) => {
        sent.results = results;
      },
      (error: unknown) => {
        sent.code = asLikestreamError(error, 'internal').code;
      },
    );
    all.push(sent);
    if (waitMs > 0) await clock.advance(waitMs);
  }
  await clock.advance(300_000);
  return all;
}

function textOf({ body }: { readonly body: unknown }): string {
  return JSON.stringify(body);
}

/** Each answer is what the log has at its place, and a new id is answered as new only once. */
function expectAnswers(all: readonly Sent[], { log, store }: Opened): void {
  const copies = new Map<string, string>();
  for (const { channel, offset, record } of log.landed) {
    for (const entry of record.entries) {
      copies.set(`${channel}/${entry.id} ${ORIGIN}@${offset}`, textOf(entry));
    }
  }
  const news = new Set<string>();
  for (const { channel, ids, results, text } of all) {
    if (!results) continue;
    expect(results.map(({ entry }) => entry.id)).toEqual(ids);
    for (const { entry, isNew } of results) {
      const name = `${channel}/${entry.id}`;
      expect(copies.get(`${name} ${entry.place}`)).toBe(textOf(entry));
      expect(store.rows.has(name)).toBe(true);
      if (isNew) expect(entry.body).toEqual({ text });
    }
    for (const { entry } of results.filter(({ isNew }) => isNew)) {
      news.add(`${channel}/${entry.id} ${textOf(entry)}`);
    }
  }
  const names = [...news].map((each) => each.split(' ')[0]);
  expect(new Set(names).size).toBe(names.length);
}

/** The answers to one id are equal, unless a request that failed has left a copy in the log. */
function expectEqualAnswers(all: readonly Sent[], { log }: Opened): void {
  const failed = new Set(all.filter(({ code }) => code !== undefined).map(({ text }) => text));
  const left = new Set<string>();
  for (const { channel, record } of log.landed) {
    for (const { body, id } of record.entries) {
      const isOfFailed = [...failed].some(
        (text) => textOf({ body: { text } }) === textOf({ body }),
      );
      if (isOfFailed) left.add(`${channel}/${id}`);
    }
  }
  const answers = new Map<string, string>();
  for (const { channel, results = [] } of all) {
    for (const { entry } of results) {
      const name = `${channel}/${entry.id}`;
      if (left.has(name)) continue;
      expect(JSON.stringify(entry)).toBe(answers.get(name) ?? JSON.stringify(entry));
      answers.set(name, JSON.stringify(entry));
    }
  }
}

/** All entries of a request are in one append, and a refused request is not in the log. */
function expectWhole(all: readonly Sent[], { log }: Opened): void {
  for (const { channel, code, results, text } of all) {
    const own = log.called.filter((called) => {
      return called.channel === channel && called.record.entries.some(hasText(text));
    });
    const entries = own.flatMap(({ record }) => record.entries.filter(hasText(text)));
    expect(new Set(own.map(({ call }) => call)).size).toBeLessThanOrEqual(1);
    expect(new Set(entries.map(({ id }) => id)).size).toBe(entries.length);
    if (code === 'log_refused') expect(own.every(({ offset }) => offset === undefined)).toBe(true);
    const news = new Set(results?.flatMap(({ entry, isNew }) => (isNew ? [entry.id] : [])));
    if (results) expect(entries.map(({ id }) => id)).toEqual([...news]);
  }
}

function hasText(text: string) {
  return (entry: { readonly body: unknown }): boolean =>
    textOf(entry) === textOf({ body: { text } });
}

function expectBounded({ record, bytes }: CalledRecord, sharesRecords: boolean): void {
  const ids = record.entries.map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
  expect(ids.length).toBeLessThanOrEqual(sharesRecords ? MAX_RECORD_ENTRIES : 1);
  expect(bytes).toBeLessThanOrEqual(MAX_RECORD_BYTES);
}

/** Each sequence number is used once, and all records up to `stored` are in the store by then. */
function expectStored({ log, store }: Opened): void {
  const numbers = log.called.map(({ record }) => `${record.producer} ${record.seq}`);
  expect(new Set(numbers).size).toBe(numbers.length);
  for (const { insertsBefore, record } of log.called) {
    const before = store.inserts.slice(0, insertsBefore);
    const named = log.landed.filter(({ record: other }) => {
      return other.producer === record.producer && other.seq <= record.stored;
    });
    for (const { channel, offset } of named) {
      const isStored = before.some((insert) => {
        return insert.channel === channel && insert.rows.some((row) => row.offset === offset);
      });
      expect(isStored).toBe(true);
    }
  }
}

describe('any requests with repeated ids, on any log and store', () => {
  it('are answered as the log has them, each id once, in bounded records', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.boolean(),
        fc.array(step, { minLength: 1, maxLength: 30 }),
        fc.array(outcome, { maxLength: 15 }),
        fc.array(outcome, { maxLength: 15 }),
        async (sharesRecords, steps, ofLog, ofStore) => {
          const opened = open(sharesRecords);
          opened.log.outcomes = ofLog;
          opened.store.outcomes = ofStore;
          const all = await run(opened, steps);
          expect(all.every(({ code, results }) => (code === undefined) !== !results)).toBe(true);
          for (const called of opened.log.called) expectBounded(called, sharesRecords);
          expectAnswers(all, opened);
          expectEqualAnswers(all, opened);
          expectWhole(all, opened);
          expectStored(opened);
        },
      ),
      { numRuns: 300 },
    );
  });
});
