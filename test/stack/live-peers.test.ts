import { freshId } from '../contract/time';
import { call, eventually } from '../end-to-end/api';
import { StreamClient } from '../end-to-end/stream-client';
import { tokenOf } from './member-tokens';
import { PeerSites } from './peer-sites';

const START_MS = 400_000;
const TEST_MS = 240_000;
/** The contract has 3 s; what runs beside this test takes time, too. */
const SOON_MS = 20_000;
const LINKED_MS = 90_000;

const peers = new PeerSites();
const clients: StreamClient[] = [];

// Few partitions: a busy machine needs long to create those of all topics.
beforeAll(() => peers.start({ PARTITIONS: '4' }), START_MS);
afterAll(async () => {
  for (const client of clients) client.close();
  await peers.end();
}, START_MS);

/** A stream of a member in the `at`-th datacenter. */
async function watch(at: number, channel: string, memberId: string): Promise<StreamClient> {
  const query = `access_token=${await tokenOf(memberId)}`;
  const client = new StreamClient(peers.site(at).server.url, [channel], { query });
  clients.push(client);
  await client.next('ready', () => true, SOON_MS);
  return client;
}

/** The last value of a field that the stream was sent. */
function shown(client: StreamClient | undefined, field: string): unknown {
  return client?.events.findLast(({ data }) => data[field] !== undefined)?.data[field];
}

async function get(at: number, path: string): Promise<Record<string, unknown>> {
  const { headers } = peers;
  const { text } = await call(peers.site(at).server.url, 'GET', path, { headers });
  return JSON.parse(text);
}

test(
  'typing in one datacenter is shown in both, for five seconds, and not to its sender',
  async () => {
    const id = freshId('talk');
    const channel = `conversation:${id}`;
    const both = await Promise.all([watch(0, channel, 'bob'), watch(1, channel, 'bob')]);
    const own = await watch(1, channel, 'ann');
    const headers = { Authorization: `Bearer ${await tokenOf('ann')}` };
    const { url } = peers.site(0).server;
    await eventually(async () => {
      const body = { headers, body: '{}' };
      const answer = await call(url, 'POST', `/conversations/${id}/typing`, body);
      expect(answer.status).toBe(202);
      for (const each of both) expect(each.all('typing')).not.toEqual([]);
    }, LINKED_MS);
    for (const each of both) {
      expect(each.all('typing')[0]?.data).toEqual({ channel, memberId: 'ann', active: true });
      await each.next('typing', ({ data }) => data.active === false, SOON_MS);
      expect(each.faults).toEqual([]);
    }
    expect(own.all('typing')).toEqual([]);
  },
  TEST_MS,
);

test(
  'viewers and presence of both datacenters are shown in both, through a cut of the link',
  async () => {
    const id = freshId('video');
    const viewers = await Promise.all([
      watch(0, `video:${id}`, 'ann'),
      watch(0, `video:${id}`, 'bob'),
      watch(1, `video:${id}`, 'cid'),
    ]);
    const watcher = await watch(1, 'member:ann', 'cid');
    await eventually(() => {
      for (const each of viewers) expect(shown(each, 'viewers')).toBe(3);
      expect(shown(watcher, 'online')).toBe(true);
    }, LINKED_MS);
    expect(await get(1, `/videos/${id}/viewers`)).toMatchObject({ viewers: 3 });
    await peers.datacenters.mirror.kill();
    await eventually(() => {
      expect(viewers.map((each) => shown(each, 'viewers'))).toEqual([2, 2, 1]);
    }, LINKED_MS);
    expect(await get(1, '/members/ann/presence')).toMatchObject({ online: true });
    viewers[1]?.close();
    await eventually(() => expect(shown(viewers[0], 'viewers')).toBe(1), SOON_MS);
    await peers.datacenters.link();
    await eventually(() => {
      expect([shown(viewers[0], 'viewers'), shown(viewers[2], 'viewers')]).toEqual([2, 2]);
    }, LINKED_MS);
    expect(shown(watcher, 'online')).toBe(true);
    viewers[0]?.close();
    await eventually(() => expect(shown(viewers[2], 'viewers')).toBe(1), SOON_MS);
  },
  TEST_MS,
);
