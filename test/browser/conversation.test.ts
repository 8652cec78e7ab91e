import { call, eventually, range } from '../end-to-end/api';
import { SECRET } from '../runtime/members/tokens';
import { bearer, TalkSite } from './talk-site';
import { backendToken, memberToken, SHOWN_MS } from './talk-window';

const TEST_MS = 120_000;

/** The time for which a member stays online after its last stream, and some more. */
const OFFLINE_MS = 60_000;

let site: TalkSite;
beforeAll(async () => {
  // One member writes all comments of a gap.
  site = await TalkSite.start({ env: { JWT_SECRET: SECRET, COMMENT_RATE_LIMIT: '0' } });
}, TEST_MS);
afterEach(() => site.closeWindows());
afterAll(() => site?.end(), TEST_MS);

describe('the conversation on the page', () => {
  it(
    'shows an own comment at once, then as stored, and to the others',
    async () => {
      const [ann, bo] = await site.openTwo('own');
      let answer = (): void => {};
      const answered = new Promise<void>((resolve) => {
        answer = resolve;
      });
      await ann.page.route('**/comments', async (route) => {
        await answered;
        await route.continue();
      });
      await ann.say('hello');
      await ann.expectTexts('hello');
      expect(await ann.row('hello').getAttribute('data-state')).toBe('pending');
      answer();
      await ann.expectStored('hello');
      await bo.expectTexts('hello');
      expect(await ann.row('hello').locator('.name').textContent()).toBe('You');
      expect(await bo.row('hello').locator('.name').textContent()).toBe('ann');
      expect(await bo.row('hello').locator('.remove').count()).toBe(0);
      await ann.expectTexts('hello');
      expect([...ann.problems, ...bo.problems]).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'gives the text back if the server refuses it',
    async () => {
      const ann = await site.open('refused', 'ann');
      await ann.page.route('**/comments', (route) =>
        route.fulfill({ status: 403, json: { detail: 'no more comments' } }),
      );
      await ann.say('again');
      await ann.expectPart('notice', 'no more comments');
      expect(await ann.part('comment').inputValue()).toBe('again');
      expect(await ann.texts()).toEqual([]);
    },
    TEST_MS,
  );

  it(
    'deletes an own comment for all, also one of an earlier visit',
    async () => {
      await site.comment('deletion', 'from before', 'ann');
      const [ann, bo] = await site.openTwo('deletion');
      await ann.say('to keep');
      await bo.expectTexts('from before', 'to keep');
      await ann.row('from before').locator('.remove').click();
      await ann.expectTexts('to keep');
      await bo.expectTexts('to keep');
    },
    TEST_MS,
  );
});

describe('the others on the page', () => {
  it(
    'shows who types, until they stop or have commented',
    async () => {
      const [ann, bo] = await site.openTwo('typing');
      await bo.part('comment').pressSequentially('so');
      await ann.expectPart('typing', 'bo is typing…');
      expect(await bo.part('typing').textContent()).toBe('');
      await ann.expectPart('typing', '');
      await bo.part('comment').pressSequentially(' what');
      await ann.expectPart('typing', 'bo is typing…');
      await bo.part('send').click();
      await ann.expectTexts('so what');
      await ann.expectPart('typing', '');
    },
    TEST_MS,
  );

  it(
    'shows who has read the newest own comment',
    async () => {
      const ann = await site.open('reading', 'ann');
      await ann.say('anyone?');
      await ann.expectStored('anyone?');
      const bo = await site.open('reading', 'bo');
      await ann.expectPart('read', 'Read by bo');
      await ann.say('and now?');
      await ann.expectPart('read', '');
      await ann.expectPart('read', 'Read by bo');
      expect(await bo.part('read').textContent()).toBe('');
    },
    TEST_MS,
  );

  it(
    'marks members who are online, until they are not',
    async () => {
      const [ann, bo] = await site.openTwo('online');
      await bo.say('here');
      await ann.expectTexts('here');
      const dot = ann.row('here').locator('.online');
      await eventually(async () => expect(await dot.isVisible()).toBe(true), SHOWN_MS);
      await bo.close();
      await eventually(async () => expect(await dot.isVisible()).toBe(false), OFFLINE_MS);
    },
    TEST_MS,
  );

  it(
    'shows the score that a backend has put',
    async () => {
      const ann = await site.open('score', 'ann');
      expect(await ann.part('score').isVisible()).toBe(false);
      const headers = bearer(backendToken());
      const path = '/videos/score/attributes/score';
      const put = await call(site.server.url, 'PUT', path, { body: { value: '2 : 1' }, headers });
      expect(put.status).toBe(200);
      await ann.expectPart('score', '2 : 1');
      const bo = await site.open('score', 'bo');
      await bo.expectPart('score', '2 : 1');
      await call(site.server.url, 'DELETE', path, { headers });
      await eventually(async () => expect(await ann.part('score').isVisible()).toBe(false));
    },
    TEST_MS,
  );

  it(
    'counts its viewers',
    async () => {
      const [ann, bo] = await site.openTwo('viewers');
      await ann.expectPart('viewers', '2 watching');
      await bo.close();
      await ann.expectPart('viewers', '1 watching');
    },
    TEST_MS,
  );
});

describe('the conversation after a lost connection', () => {
  it(
    'shows what it has missed once',
    async () => {
      const ann = await site.open('back', 'ann');
      await ann.say('before');
      await ann.expectStored('before');
      await site.server.kill();
      await ann.expectState('connecting');
      await ann.say('meanwhile');
      site.server = await site.server.startAgain();
      await site.comment('back', 'after');
      await ann.expectState('connected');
      await eventually(async () => {
        expect((await ann.texts()).toSorted()).toEqual(['after', 'before', 'meanwhile']);
      }, SHOWN_MS);
      await ann.expectStored('meanwhile');
      const headers = bearer(memberToken('ann'));
      const { text } = await call(site.server.url, 'GET', '/videos/back/comments', { headers });
      expect(JSON.parse(text).comments).toHaveLength(3);
    },
    TEST_MS,
  );

  it.each([
    ['fills a gap from the history', 320, 200],
    ['shows only the newest comments of a long gap', 720, 100],
  ])(
    '%s',
    async (_, missed, least) => {
      const video = `gap-${missed}`;
      const ann = await site.open(video, 'ann');
      await ann.say('before');
      await ann.expectStored('before');
      await ann.page.route('**/stream?*', (route) => route.abort());
      await site.server.kill();
      await ann.expectState('connecting');
      site.server = await site.server.startAgain();
      for (const round of range(missed / 20)) {
        await Promise.all(range(20).map((at) => site.comment(video, `missed ${round * 20 + at}`)));
      }
      await ann.page.unroute('**/stream?*');
      await ann.expectState('connected');
      await site.comment(video, 'after');
      const newest = await newestOf(video);
      await eventually(async () => {
        const texts = await ann.texts();
        expect(texts.slice(-newest.length)).toEqual(newest);
        expect(texts.length).toBeGreaterThanOrEqual(least);
        expect(texts.length).toBeLessThanOrEqual(200);
        expect(new Set(texts).size).toBe(texts.length);
      }, SHOWN_MS);
    },
    TEST_MS,
  );
});

/** The texts of the newest 100 comments, the oldest first. */
async function newestOf(video: string): Promise<string[]> {
  const headers = bearer(memberToken('ann'));
  const path = `/videos/${video}/comments?limit=100`;
  const { text } = await call(site.server.url, 'GET', path, { headers });
  const comments: { text: string }[] = JSON.parse(text).comments;
  return comments.map((each) => each.text).reverse();
}
