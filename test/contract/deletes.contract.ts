import { CassandraRowStore, shardOf } from '../../adapters/cassandra/row-store';
import type { LimitedSession } from '../../adapters/cassandra/session';
import { CassandraStates } from '../../adapters/cassandra/state-store';
import { freshChannel } from './time';

/** The effects of an operator's DELETE in Cassandra, where write times lie in the future. */
export function describeDeletesByOperators(use: () => LimitedSession): void {
  describe("an operator's DELETE", () => describeDeletes(use));
}

function describeDeletes(use: () => LimitedSession): void {
  const channel = freshChannel();
  const state = (version: number) => ({ channel, origin: 'dc1.1', version, counts: {} });
  const where = `WHERE channel = '${channel}'`;

  it('with the current time deletes no saved state, and hides no later save', async () => {
    const states = new CassandraStates(use());
    await states.save([state(5)]);
    await use().execute(`DELETE FROM states ${where}`, []);
    expect(await states.load([channel])).toEqual([state(5)]);
    await states.save([state(6)]);
    expect(await states.load([channel])).toEqual([state(6)]);
  });

  it("at a state's own write time deletes it, and hides no later save", async () => {
    const states = new CassandraStates(use());
    await states.save([state(7)]);
    const [row] = await use().execute(`SELECT WRITETIME(state) AS at FROM states ${where}`, []);
    await use().execute(`DELETE FROM states USING TIMESTAMP ? ${where}`, [row?.get('at')]);
    expect(await states.load([channel])).toEqual([]);
    await states.save([state(8)]);
    expect(await states.load([channel])).toEqual([state(8)]);
  });

  it('deletes a like with the time of offset 0, and nothing with the current time', async () => {
    const store = new CassandraRowStore(use(), 'dc1.1');
    const like = { likeId: 'one', memberId: 'ann', reaction: 'like', at: 1 };
    await store.insert(channel, [{ ...like, videoId: channel.slice('video:'.length), offset: 0 }]);
    await store.withdraw(channel, ['one']);
    const key = `${where} AND shard = ${shardOf('one')} AND like_id = 'one'`;
    await use().execute(`DELETE FROM likes ${key}`, []);
    const offsets = async () => (await store.offsets(channel, ['one'])).get('one');
    const own = { offset: 0, reaction: 'like' };
    expect(await offsets()).toEqual({ own, isWithdrawn: true, elsewhere: [] });
    await use().execute(`DELETE FROM likes USING TIMESTAMP ${2 ** 52} ${key}`, []);
    expect(await offsets()).toBeUndefined();
    expect(await store.find(channel, ['one'])).toEqual([]);
  });
}
