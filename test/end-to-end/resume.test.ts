import { call, eventually, pause, post, problemIn, range } from './api';
import { endServers, Server } from './server';
import { StreamClient, type StreamOptions } from './stream-client';

/** A viewer ahead of its frontend is held for 10 s before it is sent a snapshot. */
const HELD_MS = 15_000;

let server: Server;
const viewers: StreamClient[] = [];
beforeAll(async () => {
  server = await Server.start();
});
afterEach(() => {
  for (const viewer of viewers.splice(0)) viewer.close();
});
afterAll(endServers);

function watch(channels: readonly string[], options?: StreamOptions): StreamClient {
  const viewer = new StreamClient(server.url, channels, options);
  viewers.push(viewer);
  return viewer;
}

/** A viewer that was there, and is gone: what it has to go on with. */
async function left(channels: readonly string[]) {
  const viewer = watch(channels);
  for (const channel of channels) {
    await viewer.next('snapshot', ({ data }) => data.channel === channel);
  }
  viewer.close();
  expect(viewer.faults).toEqual([]);
  return { lastEventId: viewer.lastEventId, totals: viewer.totals };
}

async function like(videoId: string, count: number): Promise<void> {
  await post(server.url, videoId, { likes: range(count).map(() => ({})) });
}

/** All that a viewer was sent within a moment after `ready`. */
async function eventsOf(viewer: StreamClient, ms = 300): Promise<string[]> {
  await viewer.next('ready');
  await pause(ms);
  expect(viewer.faults).toEqual([]);
  return viewer.events.map(({ name, data: { channel, new: news } }) =>
    [name, channel, news].filter((part) => part !== undefined).join(' '),
  );
}

describe('a viewer that comes back with its last id', () => {
  it('is sent nothing where it has missed nothing, and the next like after that', async () => {
    await like('same', 3);
    const viewer = watch(['video:same'], await left(['video:same']));
    expect(await eventsOf(viewer)).toEqual(['ready']);
    await like('same', 1);
    expect(await eventsOf(viewer)).toEqual(['ready', 'likes video:same 1']);
  });

  it('is sent one sum of all that it has missed', async () => {
    await like('missed', 3);
    const before = await left(['video:missed']);
    for (const _ of range(5)) await like('missed', 2);
    await pause(50);
    const viewer = watch(['video:missed'], before);
    expect(await eventsOf(viewer)).toEqual(['ready', 'likes video:missed 10']);
    expect(viewer.total('video:missed')).toBe(13);
  });

  it('is sent its first like of a video that had none', async () => {
    const before = await left(['video:none']);
    expect(before.lastEventId).not.toBe('');
    await like('none', 2);
    await pause(50);
    const viewer = watch(['video:none'], before);
    expect(await eventsOf(viewer)).toEqual(['ready', 'likes video:none 2']);
  });

  it('may name its id in the query', async () => {
    await like('query', 1);
    const { lastEventId, totals } = await left(['video:query']);
    await like('query', 4);
    const query = `lastEventId=${encodeURIComponent(lastEventId)}`;
    const viewer = watch(['video:query'], { query, totals });
    expect(await eventsOf(viewer)).toEqual(['ready', 'likes video:query 4']);
  });

  it('goes on in each of several channels from where it was there', async () => {
    const channels = range(5).map((n) => `video:several-${n}`);
    for (const n of range(5)) await like(`several-${n}`, n + 1);
    const before = await left(channels);
    await like('several-1', 10);
    await like('several-4', 20);
    await pause(50);
    const viewer = watch([...channels].reverse(), before);
    const events = await eventsOf(viewer);
    expect(events.sort()).toEqual([
      'likes video:several-1 10',
      'likes video:several-4 20',
      'ready',
    ]);
  });
});

describe('a viewer of several channels that comes back', () => {
  it('goes on in all of 50 channels', async () => {
    const channels = range(50).map((n) => `video:fifty-${n}`);
    const before = await left(channels);
    await Promise.all(range(50).map((n) => like(`fifty-${n}`, 1)));
    await pause(100);
    const viewer = watch(channels, before);
    const events = await eventsOf(viewer);
    expect(events).toHaveLength(51);
    expect(viewer.all('snapshot')).toEqual([]);
  });

  it('gets a snapshot of a channel that is new to it, and goes on in the others', async () => {
    await like('old', 1);
    const before = await left(['video:old']);
    await like('old', 1);
    await like('new', 7);
    await pause(50);
    const viewer = watch(['video:old', 'video:new'], before);
    const events = await eventsOf(viewer);
    expect(events).toEqual(['ready', 'likes video:old 1', 'snapshot video:new']);
  });

  it('is exact however often it is cut, within a stream of likes', async () => {
    const viewer = watch(['video:often', 'video:often-2'], { reconnects: true });
    await viewer.next('snapshot');
    for (const n of range(40)) {
      await like(n % 3 ? 'often' : 'often-2', 2);
      if (n % 4 === 0) viewer.cut();
      await pause(15);
    }
    await eventually(() => expect(viewer.total('video:often')).toBe(52));
    await eventually(() => expect(viewer.total('video:often-2')).toBe(28));
    expect(viewer.connections).toBeGreaterThan(5);
    expect(viewer.all('snapshot')).toHaveLength(2);
    expect(viewer.faults).toEqual([]);
  });
});

describe('an id that cannot be used', () => {
  const compact = (...bytes: number[]): string => `~${Buffer.from(bytes).toString('base64url')}`;
  const made: readonly [string, string][] = [
    ['nonsense', 'nonsense'],
    ['a number', '42'],
    ['JSON', '{"video:made":3}'],
    ['a path', '../../etc/passwd'],
    ['5,000 characters', 'x'.repeat(5_000)],
    ['5,000 characters of the compact kind', `~${'A'.repeat(5_000)}`],
    ['an empty compact one', '~'],
    ['a compact one of another version', compact(9, 1, 2, 3)],
    ['a compact one that is cut short', compact(1, 1, 5, 100)],
    ['a compact one with a number without end', compact(1, ...Array(40).fill(0xff))],
    ['the total without a place', 'video:made/3/'],
    ['the place of another log', 'video:made/3/dc9.9@2'],
    ['a place that is not reached yet', 'video:made/3/dc1.1@999999'],
    ['another total at the same place', 'SAME_PLACE'],
    ['a negative total', 'video:made/-5/dc1.1@0'],
    ['an endless total', `video:made/${'9'.repeat(300)}/dc1.1@0`],
    ['a place of another channel', 'video:other/3/dc1.1@2'],
  ];

  beforeAll(() => like('made', 3));

  it.each(made)('being %s gets a snapshot', async (_, id) => {
    const { lastEventId: good } = await left(['video:made']);
    const lastEventId = id === 'SAME_PLACE' ? good.replace('/3/', '/2/') : id;
    const viewer = watch(['video:made'], {
      query: `lastEventId=${encodeURIComponent(lastEventId)}`,
    });
    const snapshot = await viewer.next('snapshot', undefined, HELD_MS);
    expect(snapshot.data.total).toBe(3);
    expect(await eventsOf(viewer, 20)).toEqual(['ready', 'snapshot video:made']);
  });

  it('being a greater total at an earlier place gets the difference, as after a recount', async () => {
    const query = `lastEventId=${encodeURIComponent('video:made/999/dc1.1@0')}`;
    const viewer = watch(['video:made'], { query });
    const likes = await viewer.next('likes', undefined, HELD_MS);
    expect(likes.data).toMatchObject({ total: 3, new: -996 });
  });
});

describe('a channel of an open stream', () => {
  const change = (viewer: StreamClient, method: string, channel: string) => {
    const [ready] = viewer.all('ready').slice(-1);
    const path = `/stream/${ready?.data.connectionId}/channels/${channel}`;
    return call(server.url, method, path);
  };

  it('is joined by PUT with a snapshot, and left by DELETE', async () => {
    await like('put', 2);
    const viewer = watch(['video:put-0']);
    await viewer.next('snapshot');
    expect((await change(viewer, 'PUT', 'video:put')).status).toBe(204);
    await viewer.next('snapshot', ({ data }) => data.channel === 'video:put' && data.total === 2);
    await like('put', 1);
    await viewer.next('likes', ({ data }) => data.total === 3);
    expect((await change(viewer, 'DELETE', 'video:put')).status).toBe(204);
    await like('put', 1);
    await like('put-0', 1);
    await viewer.next('likes', ({ data }) => data.channel === 'video:put-0');
    await pause(100);
    expect(viewer.total('video:put')).toBe(3);
    expect(viewer.faults).toEqual([]);
  });

  it('may be joined and left twice, and again after that', async () => {
    const viewer = watch(['video:twice-0']);
    await viewer.next('snapshot');
    for (const method of ['PUT', 'PUT', 'DELETE', 'DELETE', 'PUT']) {
      expect((await change(viewer, method, 'video:twice')).status).toBe(204);
    }
    await like('twice', 1);
    await eventually(() => expect(viewer.total('video:twice')).toBe(1));
    expect(viewer.faults).toEqual([]);
  });

  it('that was joined by PUT keeps its place through a reconnect', async () => {
    await like('kept', 5);
    const viewer = watch(['video:kept-0'], { reconnects: true });
    await viewer.next('snapshot');
    await change(viewer, 'PUT', 'video:kept');
    await viewer.next('snapshot', ({ data }) => data.channel === 'video:kept');
    viewer.cut();
    await like('kept', 2);
    await like('kept-0', 1);
    await viewer.next('likes', ({ data }) => data.channel === 'video:kept-0');
    await viewer.next('ready', ({ connection }) => connection === 2);
    expect((await change(viewer, 'PUT', 'video:kept')).status).toBe(204);
    await viewer.next('likes', ({ data }) => data.channel === 'video:kept' && data.new === 2);
    expect(viewer.all('snapshot')).toHaveLength(2);
    expect(viewer.faults).toEqual([]);
  });

  it('is refused where it is bad, unknown, or one too many', async () => {
    const viewer = watch(range(50).map((n) => `video:limit-${n}`));
    await viewer.next('ready');
    const answers = [
      await change(viewer, 'PUT', 'planet:1'),
      await change(viewer, 'PUT', 'video:a%20b'),
      await change(viewer, 'PUT', 'video:limit-50'),
      await call(server.url, 'PUT', '/stream/nobody/channels/video:1'),
      await call(server.url, 'DELETE', '/stream/nobody/channels/video:1'),
    ];
    expect(answers.map((answer) => [answer.status, problemIn(answer).code])).toEqual([
      [400, 'invalid_channel'],
      [400, 'invalid_id'],
      [400, 'too_many_channels'],
      [404, 'not_found'],
      [404, 'not_found'],
    ]);
  });
});
