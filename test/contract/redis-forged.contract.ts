import { Keys } from '../../adapters/redis/keys';
import { RedisLeases } from '../../adapters/redis/leases';
import { RedisCache } from '../../adapters/redis/state-cache';
import { ServiceKeys } from '../../runtime/services/service-keys';
import { Names } from '../../schemas/names';
import { KEYS } from '../stack/keys';
import type { RedisFixture } from './redis-keys.contract';
import { types } from './stores-types';
import { freshChannel, freshId } from './time';

const names = new Names();
const keys = new Keys(names);
const OTHER = new ServiceKeys('a secret that the services do not have');
const STATE = { version: 9_007_199_254_740_991, state: { like: 1_000_000 } };

/** What a process that may write into Redis, but has not the secret, can make others believe. */
export function describeForgeries(open: () => RedisFixture): void {
  describe('what was written without the secret', () => {
    it.each([
      ['without a code', 'http://10.0.0.9:1'],
      ['with another code', `${OTHER.sign('lease', ['forged', 'url'])} http://10.0.0.9:1`],
    ])('a lease %s is no lease', async (_, lease) => {
      const { admin, redis } = open();
      const leases = new RedisLeases(redis, names, KEYS);
      const id = freshId('worker');
      await admin.hset(keys.leases, id, `5 ${lease}`);
      expect((await leases.all()).map(({ worker }) => worker.id)).not.toContain(id);
      await admin.hdel(keys.leases, id);
    });

    it('the lease of one worker is none for another address or worker', async () => {
      const { admin, redis } = open();
      const leases = new RedisLeases(redis, names, KEYS);
      const worker = { id: freshId('worker'), url: 'http://10.0.0.1:1' };
      await leases.renew(worker, 1);
      const [, code = ''] = String(await admin.hget(keys.leases, worker.id)).split(' ');
      const forged = freshId('worker');
      await admin.hset(keys.leases, forged, `5 ${code} ${worker.url}`);
      await admin.hset(keys.leases, worker.id, `6 ${code} http://10.0.0.9:1`);
      const ids = (await leases.all()).map(({ worker: { id } }) => id);
      expect(ids).not.toContain(forged);
      expect(ids).not.toContain(worker.id);
      await admin.hdel(keys.leases, forged, worker.id);
    });

    it('a cached state is not believed, and the others of the channel stay', async () => {
      const { admin, redis } = open();
      const channel = freshChannel();
      const cache = new RedisCache(redis, types, names, KEYS);
      const right = { likes: { 'dc1.1': { version: 3, state: { like: 2 } } } };
      await cache.put(new Map([[channel, right]]));
      const text = JSON.stringify(STATE);
      const code = OTHER.sign('state', [channel, 'likes', 'dc2.1'], text);
      await admin.hset(keys.state(channel), 'likes/dc2.1', `${STATE.version} 1 ${code} ${text}`);
      await admin.hset(keys.state(channel), 'likes/dc3.1', `${STATE.version} 1 ${text}`);
      expect((await cache.get([channel])).get(channel)).toEqual(right);
    });

    it('a state of one channel is none of another one', async () => {
      const { admin, redis } = open();
      const [channel, other] = [freshChannel(), freshChannel()];
      const cache = new RedisCache(redis, types, names, KEYS);
      await cache.put(new Map([[channel, { likes: { 'dc1.1': STATE } }]]));
      const cached = String(await admin.hget(keys.state(channel), 'likes/dc1.1'));
      await admin.hset(keys.state(other), 'likes/dc1.1', cached);
      expect((await cache.get([other])).get(other)).toBeUndefined();
    });
  });
}
