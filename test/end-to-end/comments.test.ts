import { z } from 'zod';
import { type Answer, call, eventually, post, problemIn, range } from './api';
import { endServers, Server } from './server';
import { StreamClient, type StreamOptions } from './stream-client';

const comment = z.strictObject({
  commentId: z.string(),
  videoId: z.string(),
  memberId: z.string(),
  text: z.string(),
  at: z.int(),
  place: z.string().regex(/^dc1\.1@\d+$/),
});
const deleted = z.strictObject({ commentId: z.string(), deleted: z.literal(true) });
const page = z.strictObject({
  comments: z.array(z.union([comment, deleted])),
  next: z.string().optional(),
  id: z.string(),
});
type Page = z.infer<typeof page>;

let server: Server;
const viewers: StreamClient[] = [];
beforeAll(async () => {
  server = await Server.start();
});
afterEach(() => {
  for (const viewer of viewers.splice(0)) viewer.close();
});
afterAll(endServers);

function watch(video: string, options: StreamOptions = {}): StreamClient {
  const viewer = new StreamClient(server.url, [`video:${video}`], options);
  viewers.push(viewer);
  return viewer;
}

/** A member, by the cookie of its first request. */
async function newMember(): Promise<Record<string, string>> {
  const { headers } = await post(server.url, 'lobby', {});
  return { Cookie: headers['set-cookie']?.[0]?.split(';')[0] ?? '' };
}

function say(video: string, body: object, headers: Record<string, string> = {}): Promise<Answer> {
  return post(server.url, video, body, { type: 'comments', headers });
}

function remove(video: string, id: string, headers: Record<string, string>): Promise<Answer> {
  return call(server.url, 'DELETE', `/videos/${video}/comments/${id}`, { headers });
}

async function pageOf(path: string): Promise<Page> {
  const answer = await call(server.url, 'GET', path);
  if (answer.status !== 200) throw new Error(`${answer.status} ${answer.text}`);
  return page.parse(JSON.parse(answer.text));
}

/** The ids of a page; `-` before those that are deleted. */
const idsOf = ({ comments }: Page): string[] =>
  comments.map((each) => ('deleted' in each ? `-${each.commentId}` : each.commentId));

/** The ids of all pages from a path on. */
async function walk(path: string): Promise<string[]> {
  const ids: string[] = [];
  for (let next: string | undefined = path; next !== undefined; ) {
    const found: Page = await pageOf(next);
    ids.push(...idsOf(found));
    next = found.next;
  }
  return ids;
}

it('a comment is answered, sent to viewers, and on the newest page', async () => {
  const viewer = watch('one');
  await viewer.next('snapshot');
  const answer = await say('one', { commentId: 'c1', text: 'héllo\n👋' });
  expect(answer.status).toBe(201);
  const given = comment.parse(JSON.parse(answer.text));
  expect(given).toMatchObject({ commentId: 'c1', videoId: 'one', text: 'héllo\n👋' });
  const event = await viewer.next('comment');
  expect(event.data).toEqual({ channel: 'video:one', ...given });
  expect((await pageOf('/videos/one/comments')).comments).toEqual([given]);
  const again = await say('one', { commentId: 'c1', text: 'other' });
  expect([again.status, again.text]).toEqual([200, answer.text]);
});

it('a deleted comment leaves streams and pages, and stays deleted', async () => {
  const ann = await newMember();
  const viewer = watch('gone');
  await viewer.next('snapshot');
  for (const commentId of ['a', 'b', 'c']) await say('gone', { commentId, text: 'secret' }, ann);
  await viewer.next('comment', ({ data }) => data.commentId === 'c');
  const other = await remove('gone', 'b', await newMember());
  expect([other.status, problemIn(other).code]).toEqual([403, 'forbidden']);
  expect(problemIn(await remove('gone', 'unknown', ann)).code).toBe('not_found');
  for (const _ of range(2)) expect((await remove('gone', 'b', ann)).status).toBe(204);
  const event = await viewer.next('comment_deleted');
  expect(event.data).toEqual({ channel: 'video:gone', commentId: 'b' });
  const newest = await pageOf('/videos/gone/comments');
  expect(idsOf(newest)).toEqual(['c', '-b', 'a']);
  const repeated = await say('gone', { commentId: 'b', text: 'secret' }, ann);
  expect([repeated.status, JSON.parse(repeated.text)]).toEqual([
    200,
    { commentId: 'b', deleted: true },
  ]);
  const late = watch('gone');
  const { data } = await late.next('snapshot');
  expect(JSON.stringify(data)).not.toMatch(/"b"/);
  expect(viewer.all('comment')).toHaveLength(3);
});

it('pages have each of 1,000 comments once in both directions, and the deleted ones', async () => {
  const ann = await newMember();
  const ids = range(1_000).map((n) => `c${n}`);
  for (const start of range(20)) {
    const part = ids.slice(start * 50, (start + 1) * 50);
    const answers = await Promise.all(
      part.map((commentId) => say('long', { commentId, text: commentId }, ann)),
    );
    expect(answers.every(({ status }) => status === 201)).toBe(true);
  }
  const gone = ids.filter((_, index) => index % 100 === 7);
  for (const id of gone) expect((await remove('long', id, ann)).status).toBe(204);
  const up = await eventually(async () => {
    // A deletion also stands at its own place.
    const all = [...new Set(await walk('/videos/long/comments?after=&limit=100'))];
    expect(all).toHaveLength(ids.length);
    return all;
  });
  expect(up.map((id) => id.replace('-', '')).sort()).toEqual([...ids].sort());
  expect(up.filter((id) => id.startsWith('-')).sort()).toEqual(gone.map((id) => `-${id}`).sort());
  expect(await walk('/videos/long/comments')).toEqual([...up].reverse());
  const at = up.indexOf('c500');
  const before = await pageOf('/videos/long/comments?before=c500&limit=10');
  expect(idsOf(before)).toEqual(up.slice(at - 10, at).reverse());
});

it('a stream continues from the id of a page', async () => {
  await say('page', { commentId: 'p1', text: 'one' });
  const { id } = await eventually(async () => {
    const newest = await pageOf('/videos/page/comments');
    expect(idsOf(newest)).toEqual(['p1']);
    return newest;
  });
  for (const commentId of ['p2', 'p3']) await say('page', { commentId, text: commentId });
  const query = `events=comments&lastEventId=${encodeURIComponent(id)}`;
  const viewer = watch('page', { query });
  await viewer.next('comment', ({ data }) => data.commentId === 'p3');
  expect(viewer.all('comment').map(({ data }) => data.commentId)).toEqual(['p2', 'p3']);
  expect(viewer.all('snapshot')).toEqual([]);
});

it('a viewer that comes back after a burst gets a gap, and its link has the rest', async () => {
  const before = watch('burst', { query: 'events=comments' });
  await before.next('snapshot');
  before.close();
  const ids = range(400).map((n) => `b${n}`);
  for (const start of range(8)) {
    const part = ids.slice(start * 50, (start + 1) * 50);
    await Promise.all(part.map((commentId) => say('burst', { commentId, text: 'x' })));
  }
  const viewer = watch('burst', {
    query: 'events=comments',
    lastEventId: before.lastEventId,
  });
  const { data } = await viewer.next('gap');
  expect(data).toMatchObject({ channel: 'video:burst', missed: 'comments' });
  const sent = () => viewer.all('comment').map((event) => String(event.data.commentId));
  await eventually(async () => {
    const gaps = viewer.all('gap').map((event) => String(event.data.history));
    const missed = await Promise.all(gaps.map((path) => walk(path)));
    expect([...missed.flat(), ...sent()].sort()).toEqual([...ids].sort());
  });
});

describe('slow mode', () => {
  it('accepts one comment a member in the time, and repeats of it', async () => {
    const [ann, bob] = [await newMember(), await newMember()];
    const path = '/admin/videos/slow/slow-mode';
    const set = await call(server.adminUrl, 'PUT', path, { body: { seconds: 60 } });
    expect(set.status).toBe(204);
    const first = await say('slow', { commentId: 's1', text: 'one' }, ann);
    expect(first.status).toBe(201);
    const second = await say('slow', { text: 'two' }, ann);
    expect([second.status, problemIn(second).code]).toEqual([429, 'too_soon']);
    expect(Number(second.headers['retry-after'])).toBeGreaterThan(50);
    const again = await say('slow', { commentId: 's1', text: 'one' }, ann);
    expect([again.status, again.text]).toEqual([200, first.text]);
    expect((await say('slow', { text: 'three' }, bob)).status).toBe(201);
    expect((await say('other', { text: 'four' }, ann)).status).toBe(201);
    expect((await call(server.adminUrl, 'DELETE', path)).status).toBe(204);
    expect((await say('slow', { text: 'five' }, ann)).status).toBe(201);
  });
});
