import { call, eventually, problemIn, range } from './api';
import { likeUntilSent, likeVideo } from './counted';
import { endServers, Server } from './server';
import { StreamClient, type StreamOptions } from './stream-client';

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

const like = (videoId: string, count: number) => likeVideo(server.url, videoId, count);

describe('a channel of an open stream', () => {
  it('is joined by PUT with a snapshot, and left by DELETE', async () => {
    await like('put', 2);
    const viewer = watch(['video:put-0']);
    await viewer.next('snapshot');
    expect((await viewer.change('PUT', 'video:put')).status).toBe(204);
    await viewer.next('snapshot', ({ data }) => data.channel === 'video:put' && data.total === 2);
    await like('put', 1);
    await viewer.next('likes', ({ data }) => data.total === 3);
    expect((await viewer.change('DELETE', 'video:put')).status).toBe(204);
    await like('put', 1);
    await like('put-0', 1);
    await viewer.next('likes', ({ data }) => data.channel === 'video:put-0');
    // The frontend now has the like of the channel that was left; the next event comes after it.
    await likeUntilSent(server.url, 'put', 1, 5);
    await like('put-0', 1);
    await viewer.next('likes', ({ data }) => data.channel === 'video:put-0' && data.total === 2);
    expect(viewer.total('video:put')).toBe(3);
    expect(viewer.faults).toEqual([]);
  });

  it('may be joined and left twice, and joined again', async () => {
    const viewer = watch(['video:twice-0']);
    await viewer.next('snapshot');
    for (const method of ['PUT', 'PUT', 'DELETE', 'DELETE', 'PUT'] as const) {
      expect((await viewer.change(method, 'video:twice')).status).toBe(204);
    }
    await like('twice', 1);
    await eventually(() => expect(viewer.total('video:twice')).toBe(1));
    expect(viewer.faults).toEqual([]);
  });

  it('that was joined by PUT keeps its place across a reconnect', async () => {
    await like('kept', 5);
    const viewer = watch(['video:kept-0'], { reconnects: true });
    await viewer.next('snapshot');
    await viewer.change('PUT', 'video:kept');
    await viewer.next('snapshot', ({ data }) => data.channel === 'video:kept');
    viewer.cut();
    await like('kept', 2);
    await like('kept-0', 1);
    await viewer.next('likes', ({ data }) => data.channel === 'video:kept-0');
    await viewer.next('ready', ({ connection }) => connection === 2);
    expect((await viewer.change('PUT', 'video:kept')).status).toBe(204);
    await viewer.next('likes', ({ data }) => data.channel === 'video:kept' && data.new === 2);
    expect(viewer.all('snapshot')).toHaveLength(2);
    expect(viewer.faults).toEqual([]);
  });
});

describe('a join of a channel', () => {
  it('may be from the place of an id', async () => {
    await like('from', 2);
    const earlier = watch(['video:from']);
    await earlier.next('snapshot', ({ data }) => data.total === 2);
    earlier.close();
    await likeUntilSent(server.url, 'from', 3, 5);
    const viewer = watch(['video:from-0'], { totals: new Map([['video:from', 2]]) });
    await viewer.next('snapshot');
    const joined = await viewer.change('PUT', 'video:from', earlier.lastEventId);
    expect(joined.status).toBe(204);
    const news = await viewer.next('likes', ({ data }) => data.channel === 'video:from');
    expect(news.data).toMatchObject({ total: 5, new: 3 });
    expect(viewer.all('snapshot')).toHaveLength(1);
    expect(viewer.faults).toEqual([]);
  });

  it('is refused if it is invalid, of an unknown stream, or one too many', async () => {
    const viewer = watch(range(50).map((n) => `video:limit-${n}`));
    await viewer.next('ready');
    const answers = [
      await viewer.change('PUT', 'planet:1'),
      await viewer.change('PUT', 'video:a%20b'),
      await viewer.change('PUT', 'video:limit-50'),
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
