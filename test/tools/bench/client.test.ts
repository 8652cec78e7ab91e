import { uuidv7Time } from '../../../schemas/ids';
import { eventually, range } from '../../end-to-end/api';
import { endAll, likes, marked, SNAPSHOT, streamsOf, watch } from './client-parts';

afterAll(endAll);

describe.each([true, false])('a stream that is chunked: %s', (chunked) => {
  test('frames are counted and `new` summed up, whole or in pieces of any size', async () => {
    const { client, server } = await watch(chunked);
    const [stream] = await streamsOf(server);
    const text = `retry: 5\n${SNAPSHOT}:\n\n${likes(42, 2)}${likes(45, 3)}`;
    stream?.write(text);
    await marked(client, 2);
    const more = `${likes(46, 1)}${likes(50, 4)}`;
    for (const from of range(Math.ceil(more.length / 7))) {
      stream?.write(more.slice(from * 7, from * 7 + 7));
      // The client has read the piece when it answers a later request.
      await client.totals();
    }
    const { broken, frames, likes: sum, snapshots, unreadable } = await marked(client, 4);
    expect({ broken, frames, sum, snapshots, unreadable }).toEqual({
      broken: 0,
      frames: 4,
      sum: 10,
      snapshots: 1,
      unreadable: 0,
    });
    expect((await client.totals()).totals).toEqual([[50, 50]]);
  });

  test('comments are counted with their ages; deletions and snapshots are none', async () => {
    const { client, server } = await watch(chunked);
    const [stream] = await streamsOf(server);
    const comment = (id: string): string => {
      const data = { channel: 'video:a', commentId: id, text: 'so', at: Date.now() - 5_000 };
      return `event: comment\ndata: ${JSON.stringify(data)}\nid: video:a/1\n\n`;
    };
    const old = '{"channel":"video:a","comments":[{"commentId":"z","at":1}]}';
    stream?.write(`event: snapshot\ndata: ${old}\nid: video:a/0\n\n${SNAPSHOT}${comment('a')}`);
    stream?.write(`event: comment_deleted\ndata: {"commentId":"a"}\n\n${comment('b')}`);
    stream?.write(likes(41, 1));
    const { commentAges, comments, unreadable } = await marked(client, 1);
    expect({ comments, unreadable }).toEqual({ comments: 2, unreadable: 0 });
    for (const [us] of commentAges) expect(us).toBeGreaterThan(4_000_000);
  });

  test('a `t` that is cut by the end of a read is parsed', async () => {
    const { client, server } = await watch(chunked);
    const [stream] = await streamsOf(server);
    const frame = likes(1, 1, Date.now() - 5_000);
    const cut = frame.indexOf('"t":') + 9;
    stream?.write(frame.slice(0, cut));
    await client.totals();
    stream?.write(frame.slice(cut));
    const { latency } = await marked(client, 1);
    expect(latency).toHaveLength(1);
    const [[us] = [0]] = latency;
    expect(us).toBeGreaterThan(4_900_000);
    expect(us).toBeLessThan(60_000_000);
  });
});

test('a total that is not the sum of the one before and `new` is counted', async () => {
  const { client, server } = await watch(false);
  const [stream] = await streamsOf(server);
  stream?.write(`${SNAPSHOT}${likes(42, 2)}${likes(44, 1)}${likes(45, 1)}`);
  expect((await marked(client, 3)).broken).toBe(1);
});

test('latencies are within half a percent, and all are counted', async () => {
  const { client, server } = await watch(false);
  const [stream] = await streamsOf(server);
  const ages = [0, 100, 10_000, 1_000_000];
  ages.forEach((age, at) => {
    stream?.write(likes(at + 1, 1, Date.now() - age));
  });
  const { latency, max } = await marked(client, ages.length);
  expect(latency.reduce((sum, [, times]) => sum + times, 0)).toBe(ages.length);
  const [ms = 0] = latency.map(([us]) => us / 1_000).slice(-1);
  expect(ms).toBeGreaterThan(1_000_000 * 0.995);
  expect(ms).toBeLessThan(1_000_000 * 1.06);
  expect(max).toBeGreaterThanOrEqual(0);
});

test('the likes of a frame are between its oldest one and that of the next frame', async () => {
  const { client, server } = await watch(false);
  const [stream] = await streamsOf(server);
  const now = Date.now();
  for (const at of range(4)) stream?.write(likes(4 * (at + 1), 4, now - (4 - at) * 100_000));
  const { latency, oldest } = await marked(client, 4);
  const seconds = (all: typeof latency): number[][] =>
    all.map(([us, times]) => [us / 1_000_000, times]).sort(([a = 0], [b = 0]) => b - a);
  expect(seconds(oldest).map(([, times]) => times)).toEqual([1, 1, 1, 1]);
  // The likes of the last frame may have been accepted until now.
  expect(seconds(latency).map(([, times]) => times)).toEqual([4, 4, 4]);
  for (const [at, [age = 0]] of seconds(latency).entries()) {
    expect(age).toBeGreaterThan((3 - at) * 100 * 0.99);
    expect(age).toBeLessThan((4 - at) * 100 * 1.02);
  }
});

test('likes of one post have the same age', async () => {
  const { client, server } = await watch(false, {}, { likesAPost: 4 });
  const [stream] = await streamsOf(server);
  stream?.write(likes(4, 4, Date.now() - 100_000));
  const { latency } = await marked(client, 1);
  expect(latency).toHaveLength(1);
  const [[us, times] = [0, 0]] = latency;
  expect(times).toBe(4);
  expect(us).toBeGreaterThan(100_000_000 * 0.99);
});

test('viewers are spread over videos, and each gets the total of its video', async () => {
  const { client, server } = await watch(true, { viewers: 4, videos: 3 });
  const streams = await streamsOf(server, 4);
  const paths = streams.map((stream) => stream.req.url).sort();
  expect(paths).toEqual(['/stream/0', '/stream/0', '/stream/1', '/stream/2']);
  for (const stream of streams) {
    const video = Number(stream.req.url?.slice(-1));
    stream.write(likes(10 + video, 1, Date.now(), String(video)));
  }
  await marked(client, 4);
  expect((await client.totals()).totals).toEqual([
    [10, 10],
    [11, 11],
    [12, 12],
  ]);
});

test('a viewer that is cut resumes with its id, and is exact after its total adds up', async () => {
  const { client, server } = await watch(false, { viewers: 3, resume: true });
  for (const stream of await streamsOf(server, 3)) stream.write(SNAPSHOT);
  await eventually(async () => expect((await client.mark()).snapshots).toBe(3));
  const storm = client.storm(10_000, 10_000);
  const streams = await streamsOf(server, 6);
  for (const stream of streams.slice(3)) stream.write(likes(41, 1));
  expect((await storm).viewers).toBe(3);
  expect(server.lastIds.slice(3)).toEqual(['video:a/40', 'video:a/40', 'video:a/40']);
  const { broken, open, snapshotsAfterResume } = await client.mark();
  expect({ broken, open, snapshotsAfterResume }).toEqual({
    broken: 0,
    open: 3,
    snapshotsAfterResume: 0,
  });
});

test('a viewer that never reads reads only the head', async () => {
  const { client, server } = await watch(false, { neverRead: true });
  const [stream] = await streamsOf(server);
  await eventually(async () => expect((await client.mark()).open).toBe(1));
  stream?.write(likes(1, 1));
  for (const _ of range(200)) stream?.write(likes(1, 1).padEnd(100_000, ':'));
  await eventually(async () => expect(stream?.writableLength).toBeGreaterThan(1_000_000));
  const { bytes, frames } = await client.mark();
  expect(frames).toBe(0);
  expect(bytes).toBeLessThan(2_000);
});

test('a refused stream is counted as refused, and not as open', async () => {
  const { client } = await watch(false, {}, { status: 503 });
  await eventually(async () => expect((await client.mark()).refused).toBe(1));
  expect((await client.mark()).open).toBe(0);
});

test('posts have their rate, their order, and the values of placeholders', async () => {
  const { client, server } = await watch(false, { videos: 2, viewers: 0 });
  client.rate(200);
  await eventually(async () => expect(server.posts.length).toBeGreaterThan(20));
  client.rate(0);
  expect(server.posts.slice(0, 4)).toEqual(['0 1', '1 1', '0 2', '1 2']);
  await eventually(async () => {
    const { answered, posted, posts } = await client.mark();
    expect(answered).toBe(posts);
    expect(posted).toBe(posts);
  });
});

test('ids are unique UUIDv7; the first one and every n-th are ahead of the clock', async () => {
  const ids = { firstAheadMs: 82_800_000, each: { nth: 4, aheadMs: 40_000 } };
  const post = { body: '@I@ @I@ @T@', ids };
  const { client, server } = await watch(false, { viewers: 0 }, { post });
  client.rate(200);
  await eventually(async () => expect(server.posts.length).toBeGreaterThan(20));
  client.rate(0);
  const made = server.posts.slice(0, 20).flatMap((body) => {
    const [one = '', other = '', at] = body.split(' ');
    return [one, other].map((id) => ({ id, aheadMs: (uuidv7Time(id) ?? 0) - Number(at) }));
  });
  expect(new Set(made.map(({ id }) => id)).size).toBe(40);
  expect(made.slice(0, 8).map(({ aheadMs }) => aheadMs)).toEqual([
    82_800_000, 0, 0, 40_000, 0, 0, 0, 40_000,
  ]);
});

test('a saturated server is kept behind by a number of updates', async () => {
  const { client, server } = await watch(false);
  const [stream] = await streamsOf(server);
  client.saturate(3);
  await eventually(async () => expect(server.posts).toHaveLength(3));
  stream?.write(likes(1, 1));
  await eventually(async () => expect(server.posts).toHaveLength(4));
});
