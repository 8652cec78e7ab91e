import { call, likeIn, likesIn, post, range, tapId, totalsOf } from './api';
import { expectCounted } from './counted';
import { endServers, Server } from './server';
import { rowsIn } from './store';

const REACTIONS = ['like', 'celebrate', 'support', 'love', 'insightful', 'funny'];
const UUIDV7 = /^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

let server: Server;
beforeAll(async () => {
  server = await Server.start();
});
afterAll(endServers);

describe('one like', () => {
  it('is answered 201 with its id, video, reaction, time and place, as JSON', async () => {
    const likeId = tapId();
    const before = Date.now();
    const answer = await post(server.url, 'one', { likeId, reaction: 'love' });
    expect(answer.status).toBe(201);
    expect(answer.headers['content-type']).toMatch(/^application\/json/);
    expect(likeIn(answer)).toMatchObject({ likeId, videoId: 'one', reaction: 'love' });
    expect(likeIn(answer).at).toBeGreaterThanOrEqual(before);
    expect(likeIn(answer).at).toBeLessThanOrEqual(Date.now());
    const names = ['likeId', 'videoId', 'reaction', 'at', 'place'];
    expect(Object.keys(JSON.parse(answer.text))).toEqual(names);
    await expectCounted(server, 'one', 1);
  });

  it('is in the store when it is answered', async () => {
    const likeId = tapId();
    const { at } = likeIn(await post(server.url, 'stored', { likeId, reaction: 'funny' }));
    const [row] = await rowsIn(server.dataDir, 'stored');
    expect(row).toMatchObject({ likeId, videoId: 'stored', reaction: 'funny', at });
    expect(row?.memberId).toMatch(/^anonymous-/);
  });

  it('gets a UUIDv7 and the reaction "like" if none is given', async () => {
    for (const body of [{}, undefined, '{}', '']) {
      const answer = await post(server.url, 'bare', body);
      expect(answer.status).toBe(201);
      expect(likeIn(answer)).toMatchObject({ reaction: 'like' });
      expect(likeIn(answer).likeId).toMatch(UUIDV7);
    }
    await expectCounted(server, 'bare', 4);
  });

  it('accepts each of the six reactions, and counts each separately', async () => {
    for (const reaction of REACTIONS) {
      expect((await post(server.url, 'six', { reaction })).status).toBe(201);
    }
    await post(server.url, 'six', { reaction: 'love' });
    await expectCounted(server, 'six', 7);
    const { reactions } = await totalsOf(server.url, 'six');
    expect(reactions).toEqual({
      ...Object.fromEntries(REACTIONS.map((reaction) => [reaction, 1])),
      love: 2,
    });
  });

  it('may have null for a field that it does not give', async () => {
    for (const body of [{ likeId: null }, { reaction: null }, { likes: null, likeId: null }]) {
      const answer = await post(server.url, 'nulls', body);
      expect(answer.status).toBe(201);
      expect(likeIn(answer)).toMatchObject({ reaction: 'like' });
      expect(likeIn(answer).likeId).toMatch(UUIDV7);
    }
    await expectCounted(server, 'nulls', 3);
  });

  it('has a place that a later like of the video is after', async () => {
    const [one, other] = [await post(server.url, 'two', {}), await post(server.url, 'two', {})];
    const [first = '', second = ''] = [one, other].map((answer) => likeIn(answer).place);
    const [origin, offset] = first.split('@');
    const [laterOrigin, laterOffset] = second.split('@');
    expect(laterOrigin).toBe(origin);
    expect(Number(laterOffset)).toBeGreaterThan(Number(offset));
  });

  it('accepts any id of up to 64 characters, for the like and for the video', async () => {
    for (const id of ['a', '0', '-', '_', 'A.b_c-9', 'x'.repeat(64), '...', 'constructor']) {
      const answer = await post(server.url, id, { likeId: id });
      expect([id, answer.status]).toEqual([id, 201]);
      expect(likeIn(answer)).toMatchObject({ likeId: id, videoId: id });
      await expectCounted(server, id, 1);
    }
  });
});

describe('many likes in one request', () => {
  it('are answered in their order', async () => {
    const likes = range(50).map((n) => ({ likeId: tapId(), reaction: REACTIONS[n % 6] }));
    const answer = await post(server.url, 'many', { likes });
    expect(answer.status).toBe(201);
    expect(likesIn(answer)).toMatchObject(likes);
    expect(new Set(likesIn(answer).map(({ place }) => place)).size).toBe(1);
    await expectCounted(server, 'many', 50);
  });

  it('may be a single one, or have no ids and no reactions', async () => {
    expect(likesIn(await post(server.url, 'few', { likes: [{}] }))).toHaveLength(1);
    const made = likesIn(await post(server.url, 'few', { likes: [{}, {}, {}] }));
    expect(new Set(made.map(({ likeId }) => likeId)).size).toBe(3);
    await expectCounted(server, 'few', 4);
  });

  it('count an id that they contain twice once, with its first reaction', async () => {
    for (const likeId of [tapId(), 'twice']) {
      const likes = [{ likeId, reaction: 'love' }, {}, { likeId, reaction: 'funny' }];
      const answer = await post(server.url, `twice-${likeId}`, { likes });
      expect(answer.status).toBe(201);
      const [first, , again] = likesIn(answer);
      expect(first).toMatchObject({ likeId, reaction: 'love' });
      expect(again).toEqual(first);
      await expectCounted(server, `twice-${likeId}`, 2);
      expect((await totalsOf(server.url, `twice-${likeId}`)).reactions).toEqual({
        like: 1,
        love: 1,
      });
    }
  });

  it('are answered 200 if all existed, and 201 if one is new', async () => {
    const likes = range(3).map((n) => ({ likeId: n === 1 ? 'named' : tapId() }));
    const first = await post(server.url, 'again', { likes });
    const repeat = await post(server.url, 'again', { likes });
    expect([first.status, repeat.status]).toEqual([201, 200]);
    expect(repeat.text).toBe(first.text);
    const mixed = await post(server.url, 'again', { likes: [...likes, {}] });
    expect(mixed.status).toBe(201);
    expect(likesIn(mixed).slice(0, 3)).toEqual(likesIn(first));
    await expectCounted(server, 'again', 4);
  });
});

describe('totals', () => {
  it('are 0 for a video without likes', async () => {
    const totals = await totalsOf(server.url, 'nothing-yet');
    expect(totals).toEqual({ videoId: 'nothing-yet', total: 0, reactions: {} });
  });

  it('are counted for each video, and two videos may have the same id', async () => {
    for (const videoId of ['left', 'right', 'righ', 'right.']) {
      expect((await post(server.url, videoId, { likeId: 'shared' })).status).toBe(201);
    }
    for (const videoId of ['left', 'right', 'righ', 'right.'])
      await expectCounted(server, videoId, 1);
  });

  it('are the sum of what 64 clients have sent at once', async () => {
    const statuses = await Promise.all(
      range(64).map(async (n) => {
        const likes = range(10).map(() => ({ likeId: n % 2 ? tapId() : undefined }));
        return (await post(server.url, 'crowd', { likes })).status;
      }),
    );
    expect(new Set(statuses)).toEqual(new Set([201]));
    await expectCounted(server, 'crowd', 640);
  });

  it('answer HEAD as GET, with nothing but the head', async () => {
    const answer = await call(server.url, 'HEAD', '/videos/one/likes');
    expect([answer.status, answer.text]).toEqual([200, '']);
  });
});
