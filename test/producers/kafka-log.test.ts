import fc from 'fast-check';
import type { AppendLimits } from '../../producers/append-queue';
import { APPEND_LIMITS, KafkaLog } from '../../producers/kafka-log';
import type { LogEntry } from '../../producers/log';
import type { LikestreamError } from '../../schemas/errors';
import { VirtualClock } from '../simulation/virtual-clock';
import { FakeKafkaProducer, type Outcome } from './fake-kafka';

const TOPIC = 'likes';
const NEVER: Outcome = { kind: 'never', afterMs: 0 };
const SETTLED_BY_MS = 15_000;

const SMALL: AppendLimits = {
  maxQueuedEntries: 12,
  maxQueuedBytes: 1_500,
  maxUnsentMs: 3_000,
  maxRequestEntries: 5,
  maxRequestBytes: 600,
};

function use(limits?: AppendLimits) {
  const clock = new VirtualClock();
  const producer = new FakeKafkaProducer(clock);
  const fatals: Error[] = [];
  const fatal = (error: Error) => void fatals.push(error);
  const log = new KafkaLog({ producer, clock, fatal, ...(limits && { limits }) });
  return { clock, fatals, log, producer };
}

function entry(value: string, partition = 0): LogEntry {
  return { key: 'video:a', partition, value };
}

/** What becomes of an append. */
function watch(append: Promise<readonly number[]>) {
  const seen: { offsets?: readonly number[]; error?: LikestreamError; outcomes: number } = {
    outcomes: 0,
  };
  append.then(
    (offsets) => Object.assign(seen, { offsets, outcomes: seen.outcomes + 1 }),
    (error: LikestreamError) => Object.assign(seen, { error, outcomes: seen.outcomes + 1 }),
  );
  return seen;
}

describe('an append that waits', () => {
  it('is rejected truthfully after 3 s unsent, and never sent later', async () => {
    const { clock, log, producer } = use();
    producer.outcomes = [{ kind: 'done', afterMs: 9_000 }];
    const first = watch(log.append(TOPIC, [entry('first')]));
    const second = watch(log.append(TOPIC, [entry('second')]));
    await clock.advance(2_900);
    expect(second.outcomes).toBe(0);
    await clock.advance(300);
    expect(second.error?.code).toBe('log_unavailable');
    expect(second.error?.detail).toMatch(/^not taken at all/);
    await clock.advance(SETTLED_BY_MS);
    expect(first.offsets).toEqual([0]);
    expect(producer.written.flatMap(({ values }) => values)).toEqual(['first']);
  });

  it('is refused at once when the queue is full', async () => {
    const { clock, log, producer } = use(SMALL);
    producer.outcomes = [{ kind: 'done', afterMs: 1_000 }];
    const first = watch(log.append(TOPIC, [entry('first')]));
    const queued = Array.from({ length: 12 }, (_, at) =>
      watch(log.append(TOPIC, [entry(`${at}`)])),
    );
    const refused = watch(log.append(TOPIC, [entry('refused')]));
    await clock.advance(0);
    expect(refused.error?.detail).toMatch(/^not taken at all: 12 entries/);
    await clock.advance(SETTLED_BY_MS);
    expect([first, ...queued].every(({ offsets }) => offsets?.length === 1)).toBe(true);
  });

  it('is bounded in bytes, too', async () => {
    const { clock, log, producer } = use(SMALL);
    producer.outcomes = [{ kind: 'done', afterMs: 1_000 }];
    void log.append(TOPIC, [entry('first')]);
    const large = () => watch(log.append(TOPIC, [entry('x'.repeat(500))]));
    const [one, two, three] = [large(), large(), large()];
    await clock.advance(0);
    expect([one.outcomes, two.outcomes, three.outcomes]).toEqual([0, 0, 1]);
    await clock.advance(SETTLED_BY_MS);
  });
});

describe('the breaker', () => {
  it('refuses at once while Kafka fails, with a probe each second, and closes by itself', async () => {
    const { clock, log, producer } = use();
    producer.usual = { kind: 'failed', afterMs: 10 };
    const first = watch(log.append(TOPIC, [entry('first')]));
    const behind = watch(log.append(TOPIC, [entry('behind')]));
    await clock.advance(20);
    expect(first.error?.code).toBe('log_unavailable');
    expect(behind.error?.detail).toMatch(/^not taken at all/);
    for (let at = 0; at < 40; at++) {
      watch(log.append(TOPIC, [entry(`${at}`)]));
      await clock.advance(100);
    }
    expect(producer.written.length).toBeGreaterThanOrEqual(4);
    expect(producer.written.length).toBeLessThanOrEqual(5);
    producer.usual = { kind: 'done', afterMs: 10 };
    await clock.advance(1_000);
    const probe = watch(log.append(TOPIC, [entry('probe')]));
    await clock.advance(20);
    const next = watch(log.append(TOPIC, [entry('next')]));
    await clock.advance(20);
    expect([probe.offsets, next.offsets]).toEqual([[0], [1]]);
  });

  it('counts a request without an answer as failed after 10 s', async () => {
    const { clock, log, producer } = use();
    producer.outcomes = [NEVER];
    const first = watch(log.append(TOPIC, [entry('first')]));
    await clock.advance(10_000);
    expect(first.error?.code).toBe('log_unavailable');
    const refused = watch(log.append(TOPIC, [entry('second')]));
    await clock.advance(0);
    expect(refused.error?.detail).toMatch(/^not taken at all/);
  });

  it('lets kafkajs begin no further try after 3 s', async () => {
    const { clock, log, producer } = use();
    producer.outcomes = [{ kind: 'retried', afterMs: 3_000 }];
    const first = watch(log.append(TOPIC, [entry('first')]));
    await clock.advance(SETTLED_BY_MS);
    expect(first.error?.code).toBe('log_unavailable');
    expect(producer.written).toHaveLength(1);
  });
});

describe('large appends', () => {
  it('go in several requests, each below the limit of the broker', async () => {
    const { clock, log, producer } = use();
    const entries = Array.from({ length: 40 }, (_, at) => entry(`${at}`.padEnd(100_000), at % 2));
    const append = watch(log.append(TOPIC, entries));
    await clock.advance(SETTLED_BY_MS);
    expect(append.offsets).toEqual(entries.map((_, at) => Math.floor(at / 2)));
    expect(producer.written.length).toBeGreaterThan(4);
    expect(Math.max(...producer.written.map(({ bytes }) => bytes))).toBeLessThan(900_000);
  });

  it('with one entry above the limit are refused for good, and nothing else is', async () => {
    const { clock, log, producer } = use();
    const tooLarge = entry('x'.repeat(APPEND_LIMITS.maxRequestBytes));
    const append = watch(log.append(TOPIC, [entry('small'), tooLarge]));
    await clock.advance(0);
    expect(append.error).toMatchObject({ code: 'internal', retriable: false });
    const next = watch(log.append(TOPIC, [entry('next')]));
    await clock.advance(10);
    expect(next.offsets).toEqual([0]);
    expect(producer.written.flatMap(({ values }) => values)).toEqual(['next']);
  });

  it('leave the breaker able to probe when one of them is refused as the probe', async () => {
    const { clock, log, producer } = use();
    producer.outcomes = [{ kind: 'failed', afterMs: 1 }];
    watch(log.append(TOPIC, [entry('first')]));
    await clock.advance(2_000);
    watch(log.append(TOPIC, [entry('x'.repeat(APPEND_LIMITS.maxRequestBytes))]));
    const probe = watch(log.append(TOPIC, [entry('probe')]));
    await clock.advance(10);
    expect(probe.offsets).toEqual([0]);
  });
});

it('ends the process when Kafka gives an offset a second time', async () => {
  const { clock, fatals, log, producer } = use();
  await Promise.all([log.append(TOPIC, [entry('a')]), clock.advance(10)]);
  await Promise.all([log.append(TOPIC, [entry('b')]), clock.advance(10)]);
  producer.partitions.get(`${TOPIC}/0`)?.splice(1);
  const append = watch(log.append(TOPIC, [entry('c')]));
  await clock.advance(10);
  expect(append.error?.code).toBe('log_mismatch');
  expect(fatals).toEqual([append.error]);
  expect(append.error?.message).toContain('topic likes, partition 0');
  expect(append.error?.message).toContain('records 1 to 1 are lost');
});

describe('any appends on any Kafka', () => {
  const outcome = fc.record({
    kind: fc.constantFrom(
      'done',
      'done',
      'done',
      'failed',
      'never',
      'retried',
      'unanswered',
      'late',
    ),
    afterMs: fc.integer({ min: 0, max: 6_000 }),
  }) as fc.Arbitrary<Outcome>;
  const call = fc.record({
    waitMs: fc.constantFrom(0, 0, 1, 50, 900, 2_000),
    sizes: fc.array(fc.integer({ min: 0, max: 560 }), { minLength: 1, maxLength: 8 }),
    partitions: fc.array(fc.nat(2), { minLength: 8, maxLength: 8 }),
  });

  it('settle once, keep their order, stay below the limits, and are not sent once rejected', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(call, { minLength: 1, maxLength: 25 }),
        fc.array(outcome, { maxLength: 12 }),
        async (calls, outcomes) => {
          const { clock, fatals, log, producer } = use(SMALL);
          producer.outcomes = outcomes;
          const rejectedAtMs = new Map<string, number>();
          const notTaken = new Set<string>();
          const appends = [];
          for (const [number, { partitions, sizes, waitMs }] of calls.entries()) {
            const entries = sizes.map((size, at) =>
              entry(`${number}.${at}`.padEnd(size), partitions[at]),
            );
            const append = log.append(TOPIC, entries);
            append.catch((error: LikestreamError) => {
              for (const { value } of entries) {
                rejectedAtMs.set(value, clock.monotonic());
                if (error.detail?.startsWith('not taken at all')) notTaken.add(value);
              }
            });
            appends.push({ entries, seen: watch(append) });
            await clock.advance(waitMs);
          }
          await clock.advance(40_000);
          for (const { entries, seen } of appends) {
            expect(seen.outcomes).toBe(1);
            const written = entries.map(
              ({ partition }, at) =>
                producer.partitions.get(`${TOPIC}/${partition}`)?.[seen.offsets?.[at] ?? -1],
            );
            if (seen.offsets) expect(written).toEqual(entries.map(({ value }) => value));
          }
          for (const { atMs, bytes, values } of producer.written) {
            expect(bytes).toBeLessThanOrEqual(SMALL.maxRequestBytes);
            expect(values.length).toBeLessThanOrEqual(SMALL.maxRequestEntries);
            for (const value of values) {
              expect(notTaken.has(value)).toBe(false);
              expect(atMs).toBeLessThanOrEqual(rejectedAtMs.get(value) ?? Infinity);
            }
          }
          expectRising(appends);
          expect(fatals).toEqual([]);
        },
      ),
      { numRuns: 150 },
    );
  });

  function expectRising(
    appends: readonly { entries: LogEntry[]; seen: { offsets?: readonly number[] } }[],
  ): void {
    const last = new Map<number, number>();
    for (const { entries, seen } of appends) {
      for (const [at, { partition }] of entries.entries()) {
        const offset = seen.offsets?.[at];
        if (offset === undefined) continue;
        expect(offset).toBeGreaterThan(last.get(partition) ?? -1);
        last.set(partition, offset);
      }
    }
  }
});
