import { Dispatch } from '../../../dispatchers/delivery/dispatch';
import type { Update, Worker } from '../../../schemas/delivery';
import type { Feeds } from '../../../schemas/state';
import { VirtualClock } from '../../simulation/virtual-clock';
import { types } from '../moments/parts';

function use() {
  const clock = new VirtualClock();
  const [failures, mail, put]: [string[], Update[], Feeds[]] = [[], [], []];
  const trouble = { isUnavailable: false };
  const ann: Worker = { id: 'ann', url: '' };
  const dispatch = new Dispatch({
    ...{ types, clock },
    workers: {
      watching: async (channels, read) => {
        if (trouble.isUnavailable) throw new Error('unavailable');
        return channels.map((channel) => (read && !read.has(channel) ? [] : [ann]));
      },
    },
    cache: {
      get: async () => new Map(),
      put: async (states) => {
        put.push(...states.values());
        return new Map([...states.keys()].map((channel) => [channel, ['ann']]));
      },
    },
    outboxes: { add: (_, updates) => void mail.push(...updates) },
    failed: (doing) => void failures.push(doing),
  });
  return { clock, dispatch, failures, mail, put, trouble };
}

function update(type: string, origin: string): Update {
  return { channel: 'video:1', type, t: 1, vector: { [origin]: { version: 1, state: 1 } } };
}

test('moments are sent to the watchers and not cached', async () => {
  const { clock, dispatch, mail, put } = use();
  const like = { ...update('likes', 'dc1.1'), vector: { 'dc1.1': { version: 1, state: {} } } };
  dispatch.changed([update('waves', 'ann'), like]);
  await clock.advance(0);
  expect(put).toEqual([{ likes: like.vector }]);
  expect(mail.map(({ type }) => type).sort()).toEqual(['likes', 'waves']);
});

test('moments whose watchers cannot be looked up are dropped', async () => {
  const { clock, dispatch, failures, mail, trouble } = use();
  trouble.isUnavailable = true;
  dispatch.changed([update('waves', 'ann')]);
  await clock.advance(0);
  expect(failures).toEqual(['look up']);
  trouble.isUnavailable = false;
  await clock.advance(10_000);
  expect(mail).toEqual([]);
});
