import { eventually, range } from './api';
import { likeUntilSent, likeVideo } from './counted';
import { endServers, Server } from './server';
import { StreamClient, type StreamOptions } from './stream-client';

/** A viewer ahead of its frontend waits for 10 s before it is sent a snapshot. */
const WAIT_MS = 15_000;

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

/** The id and totals of a viewer that was sent snapshots and has closed its stream. */
async function left(channels: readonly string[]) {
  const viewer = watch(channels);
  for (const channel of channels) {
    await viewer.next('snapshot', ({ data }) => data.channel === channel);
  }
  viewer.close();
  expect(viewer.faults).toEqual([]);
  return { lastEventId: viewer.lastEventId, totals: viewer.totals };
}

const like = (videoId: string, count: number) => likeVideo(server.url, videoId, count);

const likeUntil = (videoId: string, count: number, total: number) =>
  likeUntilSent(server.url, videoId, count, total);

/** A channel that is joined to mark the end of what a viewer was sent. */
const END = 'video:end';

/** Counts of viewers are in no place: they come whenever a stream is opened or closed. */
const eventsOf = (viewer: StreamClient) => viewer.events.filter(({ name }) => name !== 'viewers');

/** The events of a viewer become these, in any order, and no other event follows. */
async function expectEvents(viewer: StreamClient, expected: readonly string[]): Promise<void> {
  const events = () =>
    eventsOf(viewer)
      .filter(({ data }) => data.channel !== END)
      .map(({ name, data: { channel, new: news } }) =>
        [name, channel, news].filter((part) => part !== undefined).join(' '),
      );
  await eventually(() => expect(events().sort()).toEqual([...expected].sort()));
  // One stream is in order: an event that was due before this snapshot stands before it.
  const ends = viewer.all('snapshot').filter(({ data }) => data.channel === END).length;
  expect((await viewer.change('PUT', END)).status).toBe(204);
  await eventually(() => {
    const found = viewer.all('snapshot').filter(({ data }) => data.channel === END);
    expect(found).toHaveLength(ends + 1);
  });
  expect((await viewer.change('DELETE', END)).status).toBe(204);
  expect(events().sort()).toEqual([...expected].sort());
  expect(viewer.faults).toEqual([]);
}

describe('a viewer that resumes with its last id', () => {
  it('is sent nothing if it has missed nothing, and then the next like', async () => {
    await likeUntil('same', 3, 3);
    const viewer = watch(['video:same'], await left(['video:same']));
    await expectEvents(viewer, ['ready']);
    await like('same', 1);
    await expectEvents(viewer, ['ready', 'likes video:same 1']);
  });

  it('is sent one sum of all likes that it has missed', async () => {
    await likeUntil('missed', 3, 3);
    const before = await left(['video:missed']);
    for (const n of range(5)) await likeUntil('missed', 2, 5 + 2 * n);
    const viewer = watch(['video:missed'], before);
    await expectEvents(viewer, ['ready', 'likes video:missed 10']);
    expect(viewer.total('video:missed')).toBe(13);
  });

  it('is sent the first likes of a video that had none', async () => {
    const before = await left(['video:none']);
    expect(before.lastEventId).not.toBe('');
    await likeUntil('none', 2, 2);
    const viewer = watch(['video:none'], before);
    await expectEvents(viewer, ['ready', 'likes video:none 2']);
  });

  it('may send its id in the query', async () => {
    await likeUntil('query', 1, 1);
    const { lastEventId, totals } = await left(['video:query']);
    await likeUntil('query', 4, 5);
    const query = `lastEventId=${encodeURIComponent(lastEventId)}`;
    const viewer = watch(['video:query'], { query, totals });
    await expectEvents(viewer, ['ready', 'likes video:query 4']);
  });

  it('may send an id for each channel', async () => {
    const channels = ['video:each-1', 'video:each-2'];
    const befores = [];
    for (const n of range(2)) {
      await likeUntil(`each-${n + 1}`, 1, 1);
      befores.push(await left([channels[n] ?? '']));
      await likeUntil(`each-${n + 1}`, n + 2, n + 3);
    }
    const ids = befores.map(({ lastEventId }) => `lastEventId=${encodeURIComponent(lastEventId)}`);
    const totals = new Map(befores.flatMap((before) => [...before.totals]));
    const viewer = watch(channels, { query: ids.join('&'), totals });
    await expectEvents(viewer, ['ready', 'likes video:each-1 2', 'likes video:each-2 3']);
  });

  it('continues in each of several channels from its place there', async () => {
    const channels = range(5).map((n) => `video:several-${n}`);
    for (const n of range(5)) await likeUntil(`several-${n}`, n + 1, n + 1);
    const before = await left(channels);
    await likeUntil('several-1', 10, 12);
    await likeUntil('several-4', 20, 25);
    const viewer = watch([...channels].reverse(), before);
    await expectEvents(viewer, ['ready', 'likes video:several-1 10', 'likes video:several-4 20']);
  });
});

describe('a viewer of several channels that resumes', () => {
  it('continues in all of 50 channels', async () => {
    const channels = range(50).map((n) => `video:fifty-${n}`);
    const before = await left(channels);
    await Promise.all(range(50).map((n) => likeUntil(`fifty-${n}`, 1, 1)));
    const viewer = watch(channels, before);
    await eventually(() => expect(viewer.all('likes')).toHaveLength(50));
    await like('fifty-0', 1);
    await viewer.next('likes', ({ data }) => data.total === 2);
    expect(eventsOf(viewer)).toHaveLength(52);
    expect(viewer.all('snapshot')).toEqual([]);
  });

  it('gets a snapshot of a channel that its id lacks, and continues in the others', async () => {
    await likeUntil('old', 1, 1);
    const before = await left(['video:old']);
    await likeUntil('old', 1, 2);
    await likeUntil('new', 7, 7);
    const viewer = watch(['video:old', 'video:new'], before);
    await expectEvents(viewer, ['ready', 'likes video:old 1', 'snapshot video:new']);
  });

  it('is exact if its connection is cut ten times while likes arrive', async () => {
    const viewer = watch(['video:often', 'video:often-2'], { reconnects: true });
    await viewer.next('snapshot');
    for (const n of range(40)) {
      await like(n % 3 ? 'often' : 'often-2', 2);
      if (n % 4 !== 0) continue;
      await viewer.next('ready', ({ connection }) => connection === n / 4 + 1);
      viewer.cut();
    }
    await eventually(() => expect(viewer.total('video:often')).toBe(52));
    await eventually(() => expect(viewer.total('video:often-2')).toBe(28));
    await viewer.next('ready', ({ connection }) => connection === 11);
    expect(viewer.all('snapshot')).toHaveLength(2);
    expect(viewer.faults).toEqual([]);
  });
});

describe('an id that cannot be used:', () => {
  const compact = (...bytes: number[]): string => `~${Buffer.from(bytes).toString('base64url')}`;
  const made: readonly [string, string][] = [
    ['nonsense', 'nonsense'],
    ['a number', '42'],
    ['JSON', '{"video:made":3}'],
    ['a path', '../../etc/passwd'],
    ['5,000 characters', 'x'.repeat(5_000)],
    ['5,000 characters of the compact kind', `~${'A'.repeat(5_000)}`],
    ['an empty compact one', '~'],
    ['a compact one of another version', compact(1, 1, 2, 3)],
    ['a compact one that is cut short', compact(2, 1, 5, 100)],
    ['a compact one with a number without end', compact(2, ...Array(40).fill(0xff))],
    ['a place without an event type', 'video:made/3/dc1.1@2'],
    ['the total without a place', 'video:made/likes=3:'],
    ['the place of another event type', 'video:made/comments=0:dc1.1@2'],
    ['the place of another log', 'video:made/likes=3:dc9.9@2'],
    ['a place that is not reached yet', 'video:made/likes=3:dc1.1@999999'],
    ['another total at the same place', 'SAME_PLACE'],
    ['a negative total', 'video:made/likes=-5:dc1.1@0'],
    ['an endless total', `video:made/likes=${'9'.repeat(300)}:dc1.1@0`],
    ['a place of another channel', 'video:other/likes=3:dc1.1@2'],
  ];

  beforeAll(() => likeUntil('made', 3, 3));

  it.each(made)('%s is answered with a snapshot', async (_, id) => {
    const { lastEventId: good } = await left(['video:made']);
    const lastEventId = id === 'SAME_PLACE' ? good.replace('=3:', '=2:') : id;
    const viewer = watch(['video:made'], {
      query: `events=likes&lastEventId=${encodeURIComponent(lastEventId)}`,
    });
    const snapshot = await viewer.next('snapshot', undefined, WAIT_MS);
    expect(snapshot.data.total).toBe(3);
    await expectEvents(viewer, ['ready', 'snapshot video:made']);
  });
});

it('a greater total at an earlier place is corrected, as after a recount', async () => {
  await likeUntil('recounted', 3, 3);
  const { lastEventId } = await left(['video:recounted']);
  const [, version = 0] = /@(\d+)/.exec(lastEventId) ?? [];
  const viewer = watch(['video:recounted'], {
    lastEventId: `video:recounted/likes=999:dc1.1@${Number(version) - 1}`,
    query: 'events=likes',
    totals: new Map([['video:recounted', 999]]),
    maySeeDoubles: true,
  });
  await expectEvents(viewer, ['ready', 'likes video:recounted -996']);
});
