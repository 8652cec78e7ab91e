import { recordAt, TOPIC, use } from '../fake-group';

describe('a consumer that crashed', () => {
  it('owns nothing, rejects commits, and reports that it has left', async () => {
    const { consumer, memberships, owner, source } = await use();
    consumer.crash(false);
    expect(owner.positions.size).toBe(0);
    const commit = source.commit(0, { done: 0, from: 0 });
    await expect(commit).rejects.toMatchObject({ code: 'log_unavailable' });
    expect(memberships).toEqual([false, true, false]);
  });

  it('continues as a new member from the committed position', async () => {
    const { admin, clock, consumer, owner, source } = await use((kafka) => kafka.logHas(0, 3));
    consumer.takeUpSeeks();
    await consumer.feed(TOPIC, 0, [recordAt(0), recordAt(1)]);
    await source.commit(0, { done: 1, from: 1 });
    const [{ metadata = null } = {}] = consumer.committed;
    admin.saved = { partition: 0, offset: '1', metadata };
    consumer.crash(false);
    await clock.advance(500);
    consumer.join(TOPIC, [0]);
    await clock.advance(100);
    expect(consumer.runs).toBe(2);
    expect(owner.positions.get(0)).toMatchObject({ done: 1, from: 1 });
    expect(consumer.seeks.at(-1)).toMatchObject({ offset: '0' });
    consumer.takeUpSeeks();
    await consumer.feed(TOPIC, 0, [recordAt(0), recordAt(1), recordAt(2)]);
    expect(owner.received.map(({ offset }) => offset)).toEqual([0, 1, 1, 2]);
  });
});

it('rejects a commit that kafkajs did not make because its runner does not run', async () => {
  const { consumer, source } = await use();
  consumer.isRunning = false;
  const commit = source.commit(0, { done: 0, from: 0 });
  await expect(commit).rejects.toMatchObject({ code: 'log_unavailable' });
});

describe('an owner without new records commits its position again', () => {
  it('if an earlier owner has set the group back', async () => {
    const { clock, consumer, failures, source } = await use((kafka) => kafka.logHas(0, 3));
    await source.commit(0, { done: 3, from: 1 });
    consumer.committed.length = 0;
    await clock.advance(5_000);
    expect(consumer.committed).toMatchObject([{ topic: TOPIC, partition: 0, offset: '3' }]);
    expect(failures).toEqual([]);
  });

  it('as it was when the partition was assigned, if there was one', async () => {
    const { clock, consumer } = await use((kafka) => {
      kafka.commit(20, { from: 10 });
      kafka.logHas(0, 20);
    });
    consumer.committed.length = 0;
    await clock.advance(5_000);
    expect(consumer.committed).toMatchObject([{ offset: '20', metadata: '{"from":10}' }]);
    const unknown = await use();
    await unknown.clock.advance(10_000);
    expect(unknown.consumer.committed).toEqual([]);
  });

  it('and not once another member owns the partition', async () => {
    const { clock, consumer, source } = await use((kafka) => kafka.logHas(0, 3));
    await source.commit(0, { done: 3, from: 1 });
    consumer.committed.length = 0;
    consumer.emit('join', { memberId: 'member-1', memberAssignment: { [TOPIC]: [] } });
    await clock.advance(10_000);
    expect(consumer.committed).toEqual([]);
  });

  it('never an earlier one than another commit that waits', async () => {
    const { clock, consumer, source } = await use((kafka) => kafka.logHas(0, 9));
    await source.commit(0, { done: 3, from: 1 });
    const commitNow = consumer.commitOffsets.bind(consumer);
    let go = (): void => undefined;
    consumer.commitOffsets = async (places) => {
      await new Promise<void>((resolve) => {
        go = resolve;
      });
      await commitNow(places);
    };
    const first = source.commit(0, { done: 5, from: 1 });
    const second = clock.advance(1).then(() => source.commit(0, { done: 9, from: 1 }));
    await clock.advance(6_000);
    go();
    await first;
    await clock.advance(1);
    go();
    await second;
    expect(consumer.committed.at(-1)).toMatchObject({ offset: '9' });
  });
});

it('treats a batch from before a takeover as stale, not as a gap in the log', async () => {
  const { consumer, failures, owner } = await use((kafka) => {
    kafka.commit(20, { from: 10 });
    kafka.logHas(0, 40);
  });
  const { resolved } = await consumer.feed(TOPIC, 0, [recordAt(30)]);
  expect(resolved).toBeUndefined();
  expect(failures).toEqual([]);
  expect(owner.positions.size).toBe(1);
  consumer.takeUpSeeks();
  await consumer.feed(TOPIC, 0, [recordAt(10)]);
  expect(owner.received.map(({ offset }) => offset)).toEqual([10]);
});

it('starts a partition again if records were skipped', async () => {
  const { clock, consumer, failures, owner } = await use((kafka) => {
    kafka.commit(20, { from: 10 });
    kafka.logHas(0, 40);
  });
  consumer.takeUpSeeks();
  await consumer.feed(TOPIC, 0, [recordAt(12)]);
  expect(failures).toEqual(['check for a gap']);
  expect(owner.received).toEqual([]);
  await clock.advance(100);
  expect(consumer.seeks).toHaveLength(2);
});
