import { MAX_RECORD_BYTES } from '../../producers/record-pieces';
import { MAX_WAITING_MS } from '../../producers/write-queue';
import { deferred, settled } from '../fixtures/deferred';
import { backend, notes } from './parts';

/** A backend with one like in flight, so that later requests wait. */
async function busy(type?: ReturnType<typeof notes>) {
  const parts = backend(type);
  const appended = deferred();
  parts.log.until = appended.promise;
  const accept = (count: number, text = 'a') => {
    const entries = Array.from({ length: count }, () => ({ body: { reaction: 'like', text } }));
    return parts.acceptance.accept('42', 'ann', entries);
  };
  const first = accept(1);
  await settled();
  const next = deferred();
  /** Resolves when the first request is answered, and the append of the next ones is in flight. */
  const endFirst = async (): Promise<void> => {
    parts.log.until = next.promise;
    appended.resolve();
    await first;
  };
  return { ...parts, accept, appended, first, endFirst, goOn: next.resolve };
}

describe('requests for a channel during an append', () => {
  it('share the next record, and each gets its places', async () => {
    const { accept, appended, first, log } = await busy();
    const waiting = [accept(1), accept(2)];
    await settled();
    appended.resolve();
    const results = await Promise.all([first, ...waiting]);
    expect(log.records.map(({ entries }) => entries.length)).toEqual([1, 3]);
    expect(results.map((all) => all.map(({ entry }) => entry.place))).toEqual([
      ['dc1.1@0'],
      ['dc1.1@1'],
      ['dc1.1@1', 'dc1.1@1'],
    ]);
    const ids = results.flatMap((all) => all.map(({ entry }) => entry.id));
    expect(log.logged.map(({ id }) => id)).toEqual(ids);
  });

  it('keep each its own time and member', async () => {
    const { acceptance, appended, clock, first, log } = await busy();
    const others = ['bob', 'eve'].map(async (memberId, index) => {
      await clock.advance(index + 1);
      const at = clock.now();
      const [result] = await acceptance.accept('42', memberId, [{ body: { reaction: 'like' } }]);
      expect(result?.entry).toMatchObject({ memberId, at });
      return at;
    });
    await clock.advance(10);
    appended.resolve();
    await first;
    const times = await Promise.all(others);
    expect(log.records[1]?.entries.map(({ at }) => at)).toEqual(times);
    expect(new Set(times).size).toBe(2);
  });

  it('do not wait for the store', async () => {
    const { accept, appended, first, log, store } = await busy();
    const stored = deferred();
    const insert = store.insert.bind(store);
    jest.spyOn(store, 'insert').mockImplementation(async (channel, entries) => {
      await stored.promise;
      return insert(channel, entries);
    });
    const second = accept(1);
    appended.resolve();
    await settled();
    expect(log.records.map(({ seq, stored: upTo }) => [seq, upTo])).toEqual([
      [1, 0],
      [2, 0],
    ]);
    expect(store.rows.size).toBe(0);
    stored.resolve();
    await Promise.all([first, second]);
    await accept(1);
    expect(log.records[2]).toMatchObject({ seq: 3, stored: 2 });
  });

  it('do not wait for another channel', async () => {
    const { acceptance, appended, first, log } = await busy();
    log.until = Promise.resolve();
    const [result] = await acceptance.accept('43', 'ann', [{ body: { reaction: 'like' } }]);
    expect(result?.entry.place).toBe('dc1.1@0');
    appended.resolve();
    await first;
  });
});

describe('requests that share a record', () => {
  it('are all refused with `log_refused` if their append is, and none is in the log', async () => {
    const { accept, endFirst, goOn, log } = await busy();
    const waiting = [accept(1), accept(2)];
    await settled();
    await endFirst();
    log.refuses = true;
    goOn();
    const refused = expect.objectContaining({ reason: expect.objectContaining({ status: 503 }) });
    expect(await Promise.allSettled(waiting)).toEqual([refused, refused]);
    expect(log.entries).toHaveLength(1);
    log.refuses = false;
    await accept(1);
    expect(log.records[1]).toMatchObject({ seq: 3, stored: 2 });
  });

  it('fail together if the store fails, and the producer changes its name', async () => {
    const { accept, clock, endFirst, goOn, log, store } = await busy();
    const waiting = [accept(1), accept(2)];
    await settled();
    await endFirst();
    store.isUnavailable = true;
    goOn();
    const failed = expect.objectContaining({
      reason: expect.objectContaining({ code: 'store_unavailable' }),
    });
    expect(await Promise.allSettled(waiting)).toEqual([failed, failed]);
    store.isUnavailable = false;
    await clock.advance(1_000);
    await accept(1);
    const [, shared, next] = log.records;
    expect(shared?.entries).toHaveLength(3);
    expect(next).toMatchObject({ seq: 1, stored: 0 });
    expect(next?.producer).not.toBe(shared?.producer);
  });

  it('are refused if they wait too long, and can be sent again', async () => {
    const { appended, clock, first, like, log } = await busy();
    const waiting = like('tap');
    const refused = expect(waiting).rejects.toMatchObject({ code: 'log_refused' });
    await clock.advance(MAX_WAITING_MS);
    await refused;
    appended.resolve();
    await first;
    expect(log.logged).toHaveLength(1);
    expect((await like('tap')).isNew).toBe(true);
  });
});

describe('a record', () => {
  it('has a bounded number of entries, and no request is split', async () => {
    const { accept, appended, first, log } = await busy();
    const waiting = [accept(60), accept(40), accept(50), accept(51)];
    await settled();
    appended.resolve();
    await Promise.all([first, ...waiting]);
    expect(log.records.map(({ entries }) => entries.length)).toEqual([1, 100, 50, 51]);
    expect(log.appends).toEqual([1, 3]);
    expect(log.records.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
  });

  it('has a bounded number of bytes', async () => {
    const { accept, appended, first, log } = await busy(notes(true));
    const waiting = [1, 2, 3, 4, 5].map(() => accept(2, 'ä'.repeat(4_000)));
    await settled();
    appended.resolve();
    await Promise.all([first, ...waiting]);
    const sizes = log.entries.map(({ value }) => Buffer.byteLength(value));
    expect(Math.max(...sizes)).toBeLessThanOrEqual(MAX_RECORD_BYTES);
    expect(log.records.map(({ entries }) => entries.length)).toEqual([1, 8, 2]);
  });

  it('of a request over the bounds is one of several in one append', async () => {
    const { acceptance, log } = backend(notes(true));
    const entries = Array.from({ length: 100 }, () => ({ body: { text: 'x'.repeat(1_000) } }));
    const results = await acceptance.accept('42', 'ann', entries);
    expect(log.appends).toEqual([2]);
    expect(log.logged.map(({ id }) => id)).toEqual(results.map(({ entry }) => entry.id));
    const [one, other] = log.records;
    const places = [
      ...(one?.entries ?? []).map(() => 'dc1.1@0'),
      ...(other?.entries ?? []).map(() => 'dc1.1@1'),
    ];
    expect(results.map(({ entry }) => entry.place)).toEqual(places);
  });

  it('has one entry if the type’s records are not shared', async () => {
    const { accept, appended, first, log } = await busy(notes(false));
    const waiting = [accept(1), accept(2)];
    await settled();
    appended.resolve();
    const results = (await Promise.all([first, ...waiting])).flat();
    expect(log.appends).toEqual([1, 3]);
    expect(log.records.map(({ entries }) => entries.length)).toEqual([1, 1, 1, 1]);
    expect(log.records.map(({ seq }) => seq)).toEqual([1, 2, 3, 4]);
    const places = results.map(({ entry }) => entry.place);
    expect(places).toEqual(['dc1.1@0', 'dc1.1@1', 'dc1.1@2', 'dc1.1@3']);
  });
});

describe('an append for which the log gives too few offsets', () => {
  it('fails, and the producer changes its name', async () => {
    const { like, log } = backend();
    await like();
    const append = jest.spyOn(log, 'append').mockResolvedValueOnce([]);
    await expect(like()).rejects.toMatchObject({ code: 'internal' });
    append.mockRestore();
    await like();
    const [before, after] = log.records;
    expect(after?.producer).not.toBe(before?.producer);
  });
});
