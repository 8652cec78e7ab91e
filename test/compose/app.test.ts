import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App } from '../../compose/app/app';
import { demoToken } from '../../compose/app/demo-token';
import type { AppPlan } from '../../compose/app/plan';
import { environmentOf } from '../../compose/native/addresses';
import { NativeStack } from '../../compose/native/native-stack';
import { SILENT } from '../../compose/native/progress';
import { freshId } from '../contract/time';
import { call, eventually, post, problemIn, tapId } from '../end-to-end/api';
import { StreamClient } from '../end-to-end/stream-client';

const START_MS = 300_000;
const COME_BACK_MS = 30_000;

const folder = mkdtempSync(join(tmpdir(), 'likestream-app-'));
const stack = new NativeStack({ folder });

beforeAll(() => stack.start(), START_MS);

afterAll(async () => {
  await stack.reset();
  rmSync(folder, { recursive: true, force: true });
}, START_MS);

async function expectReads(url: string, headers: Record<string, string>): Promise<void> {
  const videoIds = [freshId('video'), freshId('video')];
  const query = videoIds.map((videoId) => `videoId=${videoId}`).join('&');
  const totals = await call(url, 'GET', `/likes?${query}`, { headers });
  expect(totals).toMatchObject({ status: 200 });
  expect(JSON.parse(totals.text)).toMatchObject({
    likes: videoIds.map((videoId) => ({ videoId, total: 0 })),
  });
  const path = `/videos/${videoIds[0]}/comments`;
  const body = { text: 'first' };
  expect(await call(url, 'POST', path, { headers, body })).toMatchObject({ status: 201 });
  // A page ends before a comment whose row of the history is not written yet.
  await eventually(async () => {
    const page = await call(url, 'GET', path, { headers });
    expect(JSON.parse(page.text)).toMatchObject({ comments: [{ text: 'first' }] });
  });
}

describe.each(['any', 'node'] as const)('the app behind one door (%s)', (door) => {
  const app = new App(join(folder, door), SILENT, door);
  let plan: AppPlan;
  let token: string;
  let url: string;
  let headers: Record<string, string>;

  beforeAll(async () => {
    plan = await app.start(environmentOf(stack.addresses), door === 'any' ? 18_080 : 18_081);
    token = await demoToken(plan);
    url = `http://127.0.0.1:${plan.doorPort}`;
    headers = { Authorization: `Bearer ${token}` };
  }, START_MS);
  afterAll(() => app.reset(), START_MS);

  const watch = (videoId: string): StreamClient =>
    new StreamClient(url, [`video:${videoId}`], { query: `access_token=${token}` });

  test('serves the page, accepts likes, and sends them to viewers', async () => {
    const videoId = freshId('video');
    expect(await call(url, 'GET', '/')).toMatchObject({ status: 200 });
    const viewer = watch(videoId);
    await viewer.next('snapshot');
    expect(await post(url, videoId, { likeId: tapId() }, { headers })).toMatchObject({
      status: 201,
    });
    expect((await viewer.next('likes')).data).toMatchObject({ total: 1, new: 1 });
    viewer.close();
  });

  test('reads totals of several videos, and pages of comments', () => expectReads(url, headers));

  test('reaches a stream by its id, whichever frontend holds it', async () => {
    const [first, second] = [freshId('video'), freshId('video')];
    const viewers = [watch(first), watch(first)];
    for (const viewer of viewers) {
      const { connectionId } = (await viewer.next('ready')).data;
      const path = `/stream/${connectionId}/channels/video:${second}`;
      expect(await call(url, 'PUT', path, { headers })).toMatchObject({ status: 204 });
      await viewer.next('snapshot', ({ data }) => data.channel === `video:${second}`);
      viewer.close();
    }
  });

  test('answers streams with `bye` and others with problems while no frontend runs', async () => {
    for (const name of ['frontend-1', 'frontend-2']) app.signal(name, 'SIGKILL');
    await eventually(async () => {
      const answer = await call(url, 'GET', '/stream?channel=video:any');
      expect(answer.headers['content-type']).toBe('text/event-stream');
      expect(answer).toMatchObject({ status: 200 });
      expect(answer.text).toMatch(
        /^retry: \d+\nevent: bye\ndata: \{"reason":"\w+","retryMs":\d+\}\n\n$/,
      );
    });
    expect(problemIn(await call(url, 'GET', '/'))).toMatchObject({ code: 'peer_unavailable' });
    expect((await app.status()).filter(({ isReady }) => !isReady).length).toBeGreaterThan(1);
    await app.start(environmentOf(stack.addresses));
    const viewer = new StreamClient(url, ['video:any'], {
      query: `access_token=${token}`,
      reconnects: true,
    });
    await viewer.next('snapshot', () => true, COME_BACK_MS);
    viewer.close();
  }, 60_000);

  test('starts a process again that runs at first but ends before it answers', async () => {
    app.signal('frontend-1', 'SIGSTOP');
    const started = app.start(environmentOf(stack.addresses));
    // This request gets no answer in its time, and neither does that of the start before it.
    // The door answers or not: it may pass its own request to the halted frontend.
    const roles = (await app.status()).filter(({ title }) => title !== 'door');
    const halted = roles.filter(({ isReady }) => !isReady);
    expect(halted.map(({ title }) => title)).toEqual(['frontend-1']);
    app.signal('frontend-1', 'SIGKILL');
    await started;
    expect((await app.status()).filter(({ isReady }) => !isReady)).toEqual([]);
  }, 60_000);
});
