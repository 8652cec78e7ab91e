import { APPEND_LIMITS } from '../../../../adapters/kafka/append/event-log';
import { entry, type Outcome, SMALL, TOPIC, use, watch } from '../fake-kafka';

const NEVER: Outcome = { kind: 'never', afterMs: 0 };
const SETTLED_BY_MS = 15_000;

describe('an append that waits', () => {
  it('is rejected after 3 s unsent, and never sent later', async () => {
    const { clock, log, producer } = use();
    producer.outcomes = [{ kind: 'done', afterMs: 9_000 }];
    const first = watch(log.append(TOPIC, [entry('first')]));
    await clock.advance(0);
    const second = watch(log.append(TOPIC, [entry('second')]));
    await clock.advance(2_900);
    expect(second.outcomes).toBe(0);
    await clock.advance(300);
    expect(second.error?.code).toBe('log_refused');
    expect(second.error?.detail).toMatch(/^not taken at all/);
    await clock.advance(SETTLED_BY_MS);
    expect(first.offsets).toEqual([0]);
    expect(producer.written.flatMap(({ values }) => values)).toEqual(['first']);
  });

  it('is refused immediately if the queue is full', async () => {
    const { clock, log, producer } = use(SMALL);
    producer.outcomes = [{ kind: 'done', afterMs: 1_000 }];
    const first = watch(log.append(TOPIC, [entry('first')]));
    await clock.advance(0);
    const queued = Array.from({ length: 12 }, (_, at) =>
      watch(log.append(TOPIC, [entry(`${at}`)])),
    );
    const refused = watch(log.append(TOPIC, [entry('refused')]));
    await clock.advance(0);
    expect(refused.error?.detail).toMatch(/^not taken at all: 12 entries/);
    await clock.advance(SETTLED_BY_MS);
    expect([first, ...queued].every(({ offsets }) => offsets?.length === 1)).toBe(true);
  });

  it('is also bounded in bytes', async () => {
    const { clock, log, producer } = use(SMALL);
    producer.outcomes = [{ kind: 'done', afterMs: 1_000 }];
    void log.append(TOPIC, [entry('first')]);
    await clock.advance(0);
    const large = () => watch(log.append(TOPIC, [entry('x'.repeat(500))]));
    const [one, two, three] = [large(), large(), large()];
    await clock.advance(0);
    expect([one.outcomes, two.outcomes, three.outcomes]).toEqual([0, 0, 1]);
    await clock.advance(SETTLED_BY_MS);
  });
});

describe('appends of one turn of the event loop', () => {
  it('share one request, the first one of a burst, too', async () => {
    const { clock, log, producer } = use();
    const all = Array.from({ length: 30 }, (_, at) => watch(log.append(TOPIC, [entry(`${at}`)])));
    await clock.advance(10);
    expect(all.map(({ offsets }) => offsets)).toEqual(all.map((_, at) => [at]));
    expect(producer.written).toHaveLength(1);
  });
});

describe('the breaker', () => {
  it('refuses all but one probe per second while Kafka fails, and closes itself', async () => {
    const { clock, log, producer } = use();
    producer.usual = { kind: 'failed', afterMs: 10 };
    const first = watch(log.append(TOPIC, [entry('first')]));
    await clock.advance(0);
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

  it('allows a further probe after one that this process had no time to send', async () => {
    const { clock, log, producer } = use();
    producer.outcomes = [{ kind: 'failed', afterMs: 10 }];
    watch(log.append(TOPIC, [entry('first')]));
    await clock.advance(1_100);
    const expired = watch(log.append(TOPIC, [entry('expired')]));
    const now = clock.monotonic.bind(clock);
    jest.spyOn(clock, 'monotonic').mockImplementation(() => now() + 4_000);
    await clock.advance(10);
    expect(expired.error?.detail).toMatch(/^not taken at all/);
    const probe = watch(log.append(TOPIC, [entry('probe')]));
    await clock.advance(10);
    expect(probe.offsets).toEqual([0]);
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

  it('stops kafkajs from further tries after 3 s', async () => {
    const { clock, log, producer } = use();
    producer.outcomes = [{ kind: 'retried', afterMs: 3_000 }];
    const first = watch(log.append(TOPIC, [entry('first')]));
    await clock.advance(SETTLED_BY_MS);
    expect(first.error?.code).toBe('log_unavailable');
    expect(producer.written).toHaveLength(1);
  });
});

describe('large appends', () => {
  it('are sent in several requests, each below the limit of the broker', async () => {
    const { clock, log, producer } = use();
    const entries = Array.from({ length: 40 }, (_, at) => entry(`${at}`.padEnd(100_000), at % 2));
    const append = watch(log.append(TOPIC, entries));
    await clock.advance(SETTLED_BY_MS);
    expect(append.offsets).toEqual(entries.map((_, at) => Math.floor(at / 2)));
    expect(producer.written.length).toBeGreaterThan(4);
    expect(Math.max(...producer.written.map(({ bytes }) => bytes))).toBeLessThan(900_000);
  });

  it('are refused with a code of their own by a closed topic, and the log continues', async () => {
    const { clock, log, producer } = use();
    producer.outcomes = [{ kind: 'closed', afterMs: 1 }];
    const append = watch(log.append(TOPIC, [entry('late')]));
    await clock.advance(10);
    expect(append.error).toMatchObject({ code: 'log_closed', retriable: true });
    const next = watch(log.append(TOPIC, [entry('next')]));
    await clock.advance(SETTLED_BY_MS);
    expect(next.offsets).toEqual([0]);
  });

  it('with one entry above the limit are always refused, and no others are', async () => {
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

  it('do not block the breaker’s next probe if one of them is refused as the probe', async () => {
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

it('ends the process if Kafka assigns an offset twice', async () => {
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

it('rejects a request whose partition is answered twice, and reports no loss', async () => {
  const { clock, fatals, log, producer } = use();
  producer.outcomes = [{ kind: 'twice', afterMs: 1 }];
  const first = watch(log.append(TOPIC, [entry('a')]));
  await clock.advance(10);
  expect(first.error?.code).toBe('log_unavailable');
  expect(fatals).toEqual([]);
  await clock.advance(2_000);
  const second = watch(log.append(TOPIC, [entry('b')]));
  await clock.advance(10);
  expect(second.offsets).toEqual([2]);
});
