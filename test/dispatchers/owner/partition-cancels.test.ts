import { logged, VIDEO } from '../../fixtures/records';
import { ORIGIN } from '../parts';
import { cancel, LIKE_ID, laterDatacenter, like, START } from './later-datacenter';

describe('a cancel record', () => {
  it('lowers the count by one, also if the log has it twice', async () => {
    const { open, states } = laterDatacenter();
    const partition = open();
    await partition.consume([like(0), like(1, 'other'), cancel(2), cancel(3)]);
    await partition.checkpoint();
    expect(states.total(VIDEO)).toBe(1);
    expect(states.cells.get(`${VIDEO}/${ORIGIN}`)?.version).toBe(3);
  });

  it.each([0, 1, 2, 3])('gives a successor from offset %i the same count', async (at) => {
    const { open, states } = laterDatacenter();
    const records = [like(0), cancel(1), cancel(2), like(3)];
    const first = open();
    await first.consume(records.slice(0, at));
    const position = await first.checkpoint();
    const second = open(position);
    await second.consume(records.slice(position.from));
    await second.checkpoint();
    expect(states.total(VIDEO)).toBe(0);
  });

  it('withdraws our row before its position is done', async () => {
    const { open, store, storeRow } = laterDatacenter();
    await storeRow();
    const partition = open();
    await partition.consume([like(0), cancel(1)]);
    store.away = true;
    await expect(partition.checkpoint()).rejects.toMatchObject({ code: 'store_unavailable' });
    expect(partition.needsCheckpoint).toBe(true);
    store.away = false;
    await partition.checkpoint();
    expect(store.withdrawn).toEqual(new Set([`${VIDEO}/${LIKE_ID}`]));
  });
});

test('cancels a copy that a successor counts before it reads a peer’s update again', async () => {
  const { log, open, storeRow, updateWith } = laterDatacenter();
  await storeRow();
  const partition = open({ done: 0, from: 0, end: 0 });
  await partition.consume([like(0)]);
  await partition.applyPeerUpdates([{ ...updateWith([LIKE_ID]), isReplay: true }]);
  await partition.checkpoint();
  expect(log.entries.map(({ value }) => JSON.parse(value).cancels)).toEqual([LIKE_ID]);
});

test('cancels the reaction that our log counted first, before its row is written', async () => {
  const { log, open, states, storeRow, updateWith } = laterDatacenter();
  const partition = open();
  await storeRow('funny');
  const first = { likeId: LIKE_ID, at: START, reaction: 'love' };
  await partition.consume([logged(0, first), logged(1, { ...first, reaction: 'funny' })]);
  await partition.applyPeerUpdates([updateWith([LIKE_ID])]);
  const value = log.entries[0]?.value ?? '';
  expect(JSON.parse(value)).toMatchObject({ cancels: LIKE_ID, reaction: 'love' });
  await partition.consume([{ offset: 2, key: VIDEO, value, appendedAt: START }]);
  await partition.checkpoint();
  expect(states.cells.get(`${VIDEO}/${ORIGIN}`)?.counts).toEqual({ love: 0 });
});
