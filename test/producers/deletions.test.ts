import type { EventLog, LogEntry } from '../../adapters/event-log';
import { Deletions } from '../../producers/deletions';
import { LikestreamError } from '../../schemas/errors';
import type { Vector } from '../../schemas/state';
import { CHANNEL, posts } from './history-parts';
import { FakeStore } from './parts';

const ANN = { memberId: 'ann', isModerator: false };
const BOB = { memberId: 'bob', isModerator: false };
const MODERATOR = { memberId: 'eve', isModerator: true };

function parts() {
  const appended: (readonly [string, LogEntry])[] = [];
  const steps: string[] = [];
  const store = new FakeStore();
  const failing = { log: false, store: false };
  const log: EventLog = {
    async append(name, entries) {
      if (failing.log) throw new LikestreamError('log_refused');
      steps.push('append');
      for (const entry of entries) appended.push([name, entry]);
      return entries.map((_, index) => index);
    },
  };
  const remove = async (channel: string, ids: readonly string[]) => {
    if (failing.store) throw new LikestreamError('store_unavailable');
    steps.push('remove');
    await store.remove(channel, ids);
  };
  const find = store.find.bind(store);
  let vector: Vector = {};
  const deletions = new Deletions({
    ...{ type: posts, log, clock: { now: () => 77 } },
    store: { find, remove },
    states: { load: async () => vector },
  });
  const setVector = (next: Vector) => {
    vector = next;
  };
  const records = () => appended.map(([, { value }]) => JSON.parse(value));
  return { appended, deletions, failing, records, setVector, steps, store };
}

async function withPost() {
  const all = parts();
  const post = { id: 'p1', memberId: 'ann', at: 5, body: { text: 'hello' }, offset: 3 };
  await all.store.insert(CHANNEL, [post]);
  return all;
}

it.each([
  ['its author', ANN],
  ['a moderator', MODERATOR],
])('%s deletes an entry: first in the log, then in the store', async (_, deleter) => {
  const { appended, deletions, steps, store } = await withPost();
  await deletions.delete(CHANNEL, 'p1', deleter);
  const record = { deletes: 'p1', memberId: deleter.memberId, at: 77 };
  const value = JSON.stringify(record);
  expect(appended).toEqual([['posts', { key: CHANNEL, value, parsed: record }]]);
  expect(steps).toEqual(['append', 'remove']);
  expect(await store.find(CHANNEL, ['p1'])).toMatchObject([{ id: 'p1', isDeleted: true }]);
});

it('a deleted entry stays so, and nothing is appended', async () => {
  const { deletions, steps } = await withPost();
  await deletions.delete(CHANNEL, 'p1', ANN);
  await deletions.delete(CHANNEL, 'p1', ANN);
  await deletions.delete(CHANNEL, 'p1', MODERATOR);
  expect(steps).toEqual(['append', 'remove']);
  await expect(deletions.delete(CHANNEL, 'p1', BOB)).rejects.toMatchObject({ code: 'forbidden' });
});

it('refuses an unknown entry, and one of someone else', async () => {
  const { deletions, steps } = await withPost();
  const unknown = deletions.delete(CHANNEL, 'other', MODERATOR);
  await expect(unknown).rejects.toMatchObject({ code: 'not_found' });
  await expect(deletions.delete(CHANNEL, 'p1', BOB)).rejects.toMatchObject({ code: 'forbidden' });
  expect(steps).toEqual([]);
});

it('can be repeated after a failure of the log or the store', async () => {
  const { deletions, failing, records, store } = await withPost();
  failing.log = true;
  await expect(deletions.delete(CHANNEL, 'p1', ANN)).rejects.toMatchObject({ code: 'log_refused' });
  failing.log = false;
  failing.store = true;
  const failed = deletions.delete(CHANNEL, 'p1', ANN);
  await expect(failed).rejects.toMatchObject({ code: 'store_unavailable' });
  failing.store = false;
  await deletions.delete(CHANNEL, 'p1', ANN);
  expect(records()).toMatchObject([{ deletes: 'p1' }, { deletes: 'p1' }]);
  expect(await store.find(CHANNEL, ['p1'])).toMatchObject([{ isDeleted: true }]);
});

it('deletes an entry that viewers see before its row is in the store here', async () => {
  const { deletions, setVector, steps } = parts();
  const entry = { id: 'p9', memberId: 'ann', at: 5, body: { text: 'x' } };
  const rows = [{ offset: 4, id: 'p9', isDeletion: false, entry }];
  setVector({ 'dc2.1': { version: 4, state: { floor: -1, count: 1, rows } } });
  await expect(deletions.delete(CHANNEL, 'p9', BOB)).rejects.toMatchObject({ code: 'forbidden' });
  await deletions.delete(CHANNEL, 'p9', ANN);
  expect(steps).toEqual(['append', 'remove']);
});
