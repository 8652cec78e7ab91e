import {
  type Conversation,
  type ConversationOptions,
  conversation,
  type ShownComment,
} from '../../../client/conversation';
import { commentOf, FakeLive } from './fake-live';

let live: FakeLive;
let talk: Conversation;
let shown: readonly ShownComment[];
let calls: number;

function start(options: ConversationOptions = {}): void {
  live = new FakeLive('ann');
  [shown, calls] = [[], 0];
  talk = conversation(
    live,
    'video:42',
    {
      comments(comments) {
        shown = comments;
        calls += 1;
      },
    },
    options,
  );
}

beforeEach(async () => {
  jest.useFakeTimers();
  start();
  await jest.advanceTimersByTimeAsync(100);
});
afterEach(() => {
  talk.close();
  jest.useRealTimers();
});

const ids = () => shown.map(({ commentId }) => commentId).join(' ');
const later = () => jest.advanceTimersByTimeAsync(100);
const range = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => commentOf(from + at));

describe('an own comment', () => {
  it('is shown at once as pending, and confirmed by the answer', async () => {
    const answer = talk.comment('hello');
    expect(shown).toMatchObject([{ text: 'hello', isPending: true, isOwn: true }]);
    expect(live.last).toMatchObject({ method: 'POST', path: '/videos/42/comments' });
    expect(live.last.body).toEqual({ commentId: 'own-1', text: 'hello' });
    await live.last.answer(201, { ...commentOf(5), commentId: 'own-1', memberId: 'ann' });
    expect(await answer).toMatchObject({ status: 201, isOk: true });
    expect(shown).toMatchObject([{ commentId: 'own-1', isPending: false, isOwn: true }]);
  });

  it('is confirmed by the stream, and shown once', async () => {
    const answer = talk.comment('hello');
    const stored = commentOf(5, { commentId: 'own-1', memberId: 'ann' });
    live.comment(stored);
    await later();
    expect(shown).toMatchObject([{ commentId: 'own-1', isPending: false, isOwn: true }]);
    await live.last.answer(200, { ...stored });
    await answer;
    live.comment(stored);
    await later();
    expect(ids()).toBe('own-1');
  });

  it('is removed if it is refused', async () => {
    const answer = talk.comment('hello');
    await live.last.answer(403, { code: 'member_banned' });
    expect(await answer).toMatchObject({ isOk: false, body: { code: 'member_banned' } });
    expect(shown).toEqual([]);
  });

  it('stays if it is refused after the stream had it', async () => {
    talk.comment('hello');
    live.comment(commentOf(5, { commentId: 'own-1', memberId: 'ann' }));
    await live.last.answer(503);
    expect(ids()).toBe('own-1');
  });

  it('stands behind those of others that the log has before it', async () => {
    talk.comment('hello');
    live.comment(commentOf(1));
    await live.last.answer(201, { ...commentOf(3), commentId: 'own-1', memberId: 'ann' });
    live.comment(commentOf(2), commentOf(4));
    await later();
    expect(ids()).toBe('c-1 c-2 own-1 c-4');
  });

  it('is not sent while too many are pending', async () => {
    for (let at = 0; at < 50; at++) talk.comment('again');
    expect(await talk.comment('too many')).toMatchObject({ isOk: false });
    expect(live.sent).toHaveLength(50);
    expect(shown).toHaveLength(50);
  });

  it('of another tab is marked as own, also without a token', async () => {
    live.comment(commentOf(1, { memberId: 'ann' }), commentOf(2, { memberId: 'anonymous-1' }));
    await later();
    expect(shown.map(({ isOwn }) => isOwn)).toEqual([true, false]);
    talk.comment('hello');
    await live.last.answer(201, { ...commentOf(3), commentId: 'own-1', memberId: 'anonymous-1' });
    expect(shown.map(({ isOwn }) => isOwn)).toEqual([true, true, true]);
  });
});

describe('comments', () => {
  it('are in order, each id once, the newest of them', async () => {
    start({ most: 3 });
    live.snapshot({ comments: range(1, 3) });
    live.comment(...range(2, 6));
    await later();
    expect(ids()).toBe('c-3 c-4 c-5');
  });

  it('of logs of two datacenters keep the order in which they came', async () => {
    const other = (at: number) => commentOf(at, { commentId: `d-${at}`, place: `dc2.1@${at}` });
    live.comment(commentOf(8), other(2), commentOf(9), other(3));
    await later();
    expect(ids()).toBe('c-8 d-2 c-9 d-3');
  });

  it('are given to the page a few times a second, however many come', async () => {
    const before = calls;
    for (let at = 0; at < 100; at++) {
      live.comment(commentOf(at));
      await jest.advanceTimersByTimeAsync(5);
    }
    await later();
    expect(calls - before).toBeLessThanOrEqual(11);
    expect(shown.at(-1)?.commentId).toBe('c-99');
  });

  it('are those of a new snapshot, with own ones that are pending', async () => {
    live.comment(commentOf(1), commentOf(2));
    talk.comment('hello');
    live.snapshot({ comments: range(50, 52) });
    await later();
    expect(ids()).toBe('c-50 c-51 own-1');
  });

  it('stay if a snapshot has none', async () => {
    live.comment(commentOf(1));
    live.snapshot({ attributes: {} });
    await later();
    expect(ids()).toBe('c-1');
  });
});

describe('a deletion', () => {
  it('removes a comment, and keeps one away that comes later', async () => {
    live.comment(commentOf(1), commentOf(2));
    for (const commentId of ['c-1', 'c-3', 'own-1']) {
      live.event('video:42', 'comment_deleted', { commentId });
    }
    live.comment(commentOf(3));
    await later();
    expect(ids()).toBe('c-2');
    live.snapshot({ comments: range(1, 4) });
    await later();
    expect(ids()).toBe('c-2');
  });

  it('of an own comment is sent, and done once it is answered', async () => {
    live.comment(commentOf(1), commentOf(2));
    const answer = talk.remove('c-1');
    expect(live.last).toMatchObject({ method: 'DELETE', path: '/videos/42/comments/c-1' });
    await live.last.answer(204);
    await answer;
    await later();
    expect(ids()).toBe('c-2');
  });

  it('that is refused changes nothing', async () => {
    live.comment(commentOf(1));
    const answer = talk.remove('c-1');
    await live.last.answer(403, { code: 'forbidden' });
    expect(await answer).toMatchObject({ isOk: false });
    await later();
    expect(ids()).toBe('c-1');
  });
});

describe('a closed conversation', () => {
  it('watches nothing and calls nobody', async () => {
    live.comment(commentOf(1));
    live.comment(commentOf(2));
    const before = calls;
    talk.close();
    await later();
    expect(calls).toBe(before);
    expect(live.closed).toContain('video:42');
  });
});
