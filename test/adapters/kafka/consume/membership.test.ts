import { KafkaMembership } from '../../../../adapters/kafka/consume/membership';
import { VirtualClock } from '../../../simulation/virtual-clock';
import { FakeConsumer } from '../fake-consumer';

function use() {
  const clock = new VirtualClock();
  const consumer = new FakeConsumer();
  const [changes, failures, fatals]: [boolean[], string[], Error[]] = [[], [], []];
  const membership = new KafkaMembership({
    consumer: consumer.asConsumer,
    clock,
    run: async () => {
      await consumer.connect();
      await consumer.run({});
    },
    changed: (isMember) => void changes.push(isMember),
    failed: (doing) => void failures.push(doing),
    fatal: (error) => void fatals.push(error),
  });
  return { changes, clock, consumer, failures, fatals, membership };
}

test('is a member from the join on, until a crash', async () => {
  const { changes, consumer, membership } = use();
  await membership.start();
  expect(membership.isMember).toBe(false);
  consumer.join('likes', [0]);
  expect(membership.isMember).toBe(true);
  consumer.crash(true);
  expect(membership.isMember).toBe(false);
  expect(changes).toEqual([false, true, false]);
});

test('does not join if kafkajs restarts its consumer', async () => {
  const { clock, consumer, membership } = use();
  await membership.start();
  consumer.crash(true);
  await clock.advance(60_000);
  expect(consumer.runs).toBe(1);
});

test('joins again soon if kafkajs does not restart its consumer', async () => {
  const { clock, consumer, failures, fatals, membership } = use();
  await membership.start();
  consumer.join('likes', [0]);
  consumer.crash(false);
  await clock.advance(500);
  expect(consumer.runs).toBe(2);
  expect(failures).toEqual(['consume']);
  expect(fatals).toEqual([]);
});

test('joins within three seconds after a foreign member of ten seconds has left', async () => {
  const { clock, consumer, fatals, membership } = use();
  await membership.start();
  for (let runs = 0; clock.monotonic() < 10_000; ) {
    if (consumer.runs > runs) consumer.crash(false);
    runs = consumer.runs;
    await clock.advance(100);
  }
  const before = consumer.runs;
  await clock.advance(3_000);
  expect(consumer.runs).toBeGreaterThan(before);
  expect(consumer.runs).toBeLessThan(10);
  expect(fatals).toEqual([]);
});

test('ends the process if joining fails for a minute, and not before', async () => {
  const { clock, consumer, fatals, membership } = use();
  await membership.start();
  for (let runs = 0; clock.monotonic() < 59_000; ) {
    if (consumer.runs > runs) consumer.crash(false);
    runs = consumer.runs;
    await clock.advance(100);
  }
  expect(fatals).toEqual([]);
  await clock.advance(3_000);
  consumer.crash(false);
  expect(fatals).toHaveLength(1);
  expect(fatals[0]?.message).toMatch(/not in the consumer group for 60 s: Unsupported assigner/);
});

test('does not end the process while Kafka is unreachable, and joins afterwards', async () => {
  const { clock, consumer, fatals, membership } = use();
  await membership.start();
  consumer.unreachable = true;
  consumer.crash(false);
  await clock.advance(300_000);
  consumer.unreachable = false;
  await clock.advance(3_000);
  expect(consumer.runs).toBe(2);
  expect(fatals).toEqual([]);
});

test('does not join after it is stopped', async () => {
  const { clock, consumer, membership } = use();
  await membership.start();
  consumer.crash(false);
  membership.stop();
  consumer.crash(false);
  await clock.advance(60_000);
  expect(consumer.runs).toBe(1);
});
