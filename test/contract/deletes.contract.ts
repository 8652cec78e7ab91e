import { CassandraRowStore } from '../../adapters/cassandra/row-store';
import type { LimitedSession } from '../../adapters/cassandra/session';
import { shardOf } from '../../adapters/cassandra/shards';
import { CassandraStates } from '../../adapters/cassandra/state-store';
import { tableOf } from '../../adapters/cassandra/tables';
import { likes } from '../../schemas/likes';
import { notes, types } from './stores-types';
import { freshChannel } from './time';

/** The effects of an operator's DELETE in Cassandra, where write times lie in the future. */
export function describeDeletesByOperators(use: () => LimitedSession): void {
  describe("an operator's DELETE", () => describeDeletes(use));
}

function describeDeletes(use: () => LimitedSession): void {
  const channel = freshChannel();
  const key = { channel, type: 'likes', origin: 'dc1.1' };
  const state = (version: number) => ({ ...key, version, state: {} });
  const ofChannel = `WHERE channel = '${channel}'`;
  const where = `${ofChannel} AND type = 'likes' AND origin = 'dc1.1'`;

  it('with the current time deletes no saved state, and hides no later save', async () => {
    const states = new CassandraStates(use(), types);
    await states.save([state(5)]);
    await use().execute(`DELETE FROM states ${where}`, []);
    expect(await states.load([channel])).toEqual([state(5)]);
    await states.save([state(6)]);
    expect(await states.load([channel])).toEqual([state(6)]);
  });

  it("at a state's own write time deletes it, and hides no later save", async () => {
    const states = new CassandraStates(use(), types);
    await states.save([state(7)]);
    const [row] = await use().execute(`SELECT WRITETIME(state) AS at FROM states ${where}`, []);
    await use().execute(`DELETE FROM states USING TIMESTAMP ? ${where}`, [row?.get('at')]);
    expect(await states.load([channel])).toEqual([]);
    await states.save([state(8)]);
    expect(await states.load([channel])).toEqual([state(8)]);
  });

  it('deletes an entry with the time of offset 0, and nothing with the current time', async () => {
    const store = new CassandraRowStore(use(), likes, 'dc1.1');
    const body = { reaction: 'like' };
    await store.insert(channel, [{ id: 'one', memberId: 'ann', body, at: 1, offset: 0 }]);
    await store.withdraw(channel, ['one']);
    const row = `${ofChannel} AND shard = ${shardOf('one')} AND id = 'one'`;
    await use().execute(`DELETE FROM ${tableOf(likes)} ${row}`, []);
    const offsets = async () => (await store.offsets(channel, ['one'])).get('one');
    const own = { offset: 0, body };
    expect(await offsets()).toEqual({ own, isWithdrawn: true, elsewhere: [] });
    await use().execute(`DELETE FROM ${tableOf(likes)} USING TIMESTAMP ${2 ** 52} ${row}`, []);
    expect(await offsets()).toBeUndefined();
    expect(await store.find(channel, ['one'])).toEqual([]);
  });

  it('deletes a removed entry with the time of its removal, and its mark, too', async () => {
    const store = new CassandraRowStore(use(), notes, 'dc1.1');
    const entry = { id: 'one', memberId: 'ann', body: { text: 'hi' }, at: 1, offset: 3 };
    await store.insert(channel, [entry]);
    await store.remove(channel, ['one']);
    const row = `${ofChannel} AND shard = ${shardOf('one')} AND id = 'one'`;
    await use().execute(`DELETE FROM ${tableOf(notes)} ${row}`, []);
    expect(await store.find(channel, ['one'])).toMatchObject([{ isDeleted: true }]);
    await use().execute(`DELETE FROM ${tableOf(notes)} USING TIMESTAMP ${2 ** 52 + 2} ${row}`, []);
    expect(await store.find(channel, ['one'])).toEqual([]);
  });
}
