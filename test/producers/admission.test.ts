import { Admission } from '../../producers/admission';
import { attributes, MAX_LIVE_NAMES } from '../../schemas/attributes';
import { receipts } from '../../schemas/receipts';
import type { Vector } from '../../schemas/state';
import { range } from '../end-to-end/api';
import { deferred } from '../fixtures/deferred';
import { backend, ORIGIN } from './parts';

/** An admission on a log that no owner folds, unless the test does. */
function open(type: typeof receipts | typeof attributes) {
  const parts = backend(type);
  const states = { vector: {} as Vector, load: async () => states.vector };
  const admission = new Admission({ ...parts, type, states, origin: ORIGIN });
  const accept = async (channelId: string, memberId: string, body: object) => {
    const [result] = await admission.accept(channelId, memberId, [{ body }]);
    if (!result) throw new Error('there is no result');
    return result;
  };
  const read = (messageId: string, memberId = 'ann') => accept('7', memberId, { messageId });
  const put = (name: string, value: unknown) => accept('42', 'b', { name, value, stamp: 0 });
  /** Folds the log up to an offset, as its owner does. */
  const fold = (upTo: number): void => {
    let state: unknown = type.policy.empty;
    for (const [offset, entry] of parts.log.logged.slice(0, upTo + 1).entries()) {
      state = type.policy.fold(state as never, entry as never, offset);
    }
    states.vector = { [ORIGIN]: { version: upTo, state } };
  };
  return { ...parts, fold, put, read, states };
}

describe('Admission of receipts', () => {
  it('appends a newer one', async () => {
    const { log, read } = open(receipts);
    const results = [await read('1'), await read('2'), await read('1', 'bob')];
    expect(results.map(({ entry, isNew }) => [entry.place, isNew])).toEqual([
      ['dc1.1@0', true],
      ['dc1.1@1', true],
      ['dc1.1@2', true],
    ]);
    expect(log.logged.map(({ body, memberId }) => [memberId, body])).toEqual([
      ['ann', { messageId: '1' }],
      ['ann', { messageId: '2' }],
      ['bob', { messageId: '1' }],
    ]);
  });

  it.each([[-1], [0], [1]])(
    'answers an older one with the newer; folded up to %i',
    async (upTo) => {
      const { fold, log, read } = open(receipts);
      const newer = await read('10');
      await read('3', 'bob');
      if (upTo >= 0) fold(upTo);
      for (const messageId of ['9', '10']) {
        const { entry, isNew } = await read(messageId);
        expect(isNew).toBe(false);
        expect(entry).toMatchObject({ at: newer.entry.at, body: { messageId: '10' } });
        expect(entry.place).toBe(newer.entry.place);
      }
      expect(log.logged).toHaveLength(2);
    },
  );

  it('waits for a newer one that is on its way', async () => {
    const { log, read } = open(receipts);
    const until = deferred<void>();
    log.until = until.promise;
    const [newer, older] = [read('2'), read('1')];
    const ended = jest.fn();
    void older.then(ended);
    await new Promise((resolve) => setImmediate(resolve));
    expect(ended).not.toHaveBeenCalled();
    until.resolve();
    expect((await older).entry).toMatchObject({ place: (await newer).entry.place });
  });

  it('appends it if the newer one is refused', async () => {
    const { log, read } = open(receipts);
    const until = deferred<void>();
    log.until = until.promise;
    log.refuses = true;
    const newer = read('2');
    const older = read('1');
    newer.catch(() => {
      log.refuses = false;
    });
    until.resolve();
    await expect(newer).rejects.toMatchObject({ code: 'log_refused' });
    expect(await older).toMatchObject({ isNew: true, entry: { body: { messageId: '1' } } });
  });
});

describe('Admission of attributes', () => {
  it('keeps the bounds for simultaneous requests, before the owner has folded', async () => {
    const { log, put } = open(attributes);
    const all = await Promise.allSettled(range(MAX_LIVE_NAMES + 5).map((n) => put(`n${n}`, n)));
    const refused = all.filter(({ status }) => status === 'rejected');
    expect(refused).toHaveLength(5);
    expect(refused[0]).toMatchObject({ reason: { code: 'too_large' } });
    await put('n3', null);
    await put('more', 1);
    await expect(put('again', 1)).rejects.toMatchObject({ code: 'too_large' });
    expect(log.logged).toHaveLength(MAX_LIVE_NAMES + 2);
  });

  it('does not count a value whose append has failed', async () => {
    const { log, put } = open(attributes);
    log.isUnavailable = true;
    const failed = await Promise.allSettled(range(MAX_LIVE_NAMES).map((n) => put(`n${n}`, n)));
    expect(failed.every(({ status }) => status === 'rejected')).toBe(true);
    log.isUnavailable = false;
    expect((await put('a', 1)).isNew).toBe(true);
  });

  it('puts the newest stamp of all datacenters into the log', async () => {
    const { log, put, states } = open(attributes);
    const cell = { version: 4, key: 'score', at: 1, stamp: 6, value: 1 };
    states.vector = { 'dc2.1': { version: 4, state: { cells: [cell] } } };
    await put('score', 2);
    await put('score', 3);
    expect(log.logged.map(({ body }) => body)).toEqual([
      { name: 'score', value: 2, stamp: 6 },
      { name: 'score', value: 3, stamp: 7 },
    ]);
  });
});
