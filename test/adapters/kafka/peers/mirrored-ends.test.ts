import { LikestreamError } from '../../../../schemas/errors';
import { batchOf, CHECKS_MS, metadata, ROUND_MS, TOPIC, use } from './peer-topics-parts';

describe('a mirrored topic that was created again', () => {
  const saved = { partition: 3, offset: '18', metadata: metadata(18, 7) };

  it('and ends before the position is read from its beginning, with one line', async () => {
    const { asked, clock, lines, load, peers } = use([saved], { low: 2, high: 5 }, async () => 5);
    const loading = load(3);
    await clock.advance(CHECKS_MS);
    expect((await loading).places).toEqual([{ topic: TOPIC, partition: 3, offset: '2' }]);
    expect(asked.ends).toBe(3);
    const batch = batchOf(3, [2, 3]);
    expect(peers.isSameTopic(batch)).toBe(true);
    expect(peers.updatesIn(batch).map(({ isReplay }) => isReplay)).toEqual([false, false]);
    expect(lines).toEqual([expect.stringContaining(`${TOPIC}, partition 3 ends at 5, before 18`)]);
    peers.stop();
  });

  it('and has grown beyond the position is detected by its records', async () => {
    const { consumer, lines, load, peers } = use([saved], { low: 0, high: 40 });
    await load(3);
    expect(peers.isSameTopic(batchOf(3, [16, 17, 18], () => 'other'))).toBe(false);
    expect(consumer.seeks).toEqual([{ topic: TOPIC, partition: 3, offset: '0' }]);
    expect(peers.isSameTopic(batchOf(3, [0, 1, 17], () => 'other'))).toBe(true);
    expect(lines).toHaveLength(1);
    peers.stop();
  });

  it('during reading is detected in the next round', async () => {
    const { clock, consumer, ends, lines, load, peers } = use([], { low: 0, high: 20 });
    await load(3);
    await load(5);
    peers.consumed(batchOf(3, [16, 17]));
    peers.consumed(batchOf(5, [8]));
    ends.high = 4;
    await clock.advance(ROUND_MS + CHECKS_MS);
    expect(consumer.seeks).toEqual([
      { topic: TOPIC, partition: 3, offset: '0' },
      { topic: TOPIC, partition: 5, offset: '0' },
    ]);
    expect(lines).toEqual([
      expect.stringContaining('partition 3 ends at 4, before 18'),
      expect.stringContaining('partition 5 ends at 4, before 9'),
    ]);
    await clock.advance(ROUND_MS + CHECKS_MS);
    expect(lines).toHaveLength(2);
    peers.stop();
  });
});

describe('a mirrored topic whose end one broker answers too low', () => {
  const saved = { partition: 3, offset: '18', metadata: metadata(18, 7) };

  it('briefly is read from the position', async () => {
    const { clock, ends, lines, load, peers } = use([saved], { low: 0, high: 5 });
    const loading = load(3);
    ends.high = 5;
    await clock.advance(500);
    ends.high = 20;
    await clock.advance(CHECKS_MS);
    expect((await loading).places).toEqual([{ topic: TOPIC, partition: 3, offset: '7' }]);
    expect(lines).toEqual([]);
    peers.stop();
  });

  it('in every check is read from the position if enough brokers confirm a later end', async () => {
    const { clock, lines, load, peers } = use([saved], { low: 0, high: 5 }, async () => 20);
    const loading = load(3);
    await clock.advance(CHECKS_MS);
    expect((await loading).places).toEqual([{ topic: TOPIC, partition: 3, offset: '7' }]);
    expect(lines).toEqual([]);
    peers.stop();
  });

  it('is not read at all while no end can be confirmed', async () => {
    const unconfirmed = () => Promise.reject(new LikestreamError('log_unavailable'));
    const { clock, lines, load, peers } = use([saved], { low: 0, high: 5 }, unconfirmed);
    const rejected = expect(load(3)).rejects.toMatchObject({ code: 'log_unavailable' });
    await clock.advance(CHECKS_MS);
    await rejected;
    expect(lines).toEqual([]);
    peers.stop();
  });

  it('while its owner reads is read on if enough brokers confirm a later end', async () => {
    const { clock, consumer, ends, lines, load, peers } = use(
      [],
      { low: 0, high: 20 },
      async () => 20,
    );
    await load(3);
    peers.consumed(batchOf(3, [16, 17]));
    ends.high = 4;
    await clock.advance(3 * (ROUND_MS + CHECKS_MS));
    expect([consumer.seeks, lines]).toEqual([[], []]);
    expect(consumer.committed.at(-1)).toMatchObject({ offset: '18' });
    peers.stop();
  });
});
