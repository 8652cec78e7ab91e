import { type Conversation, conversation } from '../../../client/conversation';
import type { Comment } from '../../../client/types';
import { commentOf, FakeLive } from './fake-live';

const MOST = 250;

let live: FakeLive;
let talk: Conversation;
let ids: readonly string[];

beforeEach(() => {
  jest.useFakeTimers();
  live = new FakeLive('ann');
  const comments = (shown: readonly Comment[]) => {
    ids = shown.map(({ commentId }) => commentId);
  };
  talk = conversation(live, 'video:42', { comments }, { most: MOST });
});
afterEach(() => {
  talk.close();
  jest.useRealTimers();
});

const later = () => jest.advanceTimersByTimeAsync(100);
const range = (from: number, to: number) =>
  Array.from({ length: to - from }, (_, at) => commentOf(from + at));
const idsOf = (from: number, to: number) => range(from, to).map(({ commentId }) => commentId);

function gap(after: number, upTo: number): void {
  const history = `/videos/42/comments?after=dc1.1%40${after}&upTo=dc1.1%40${upTo}`;
  live.event('video:42', 'gap', { history });
}

async function answer(comments: readonly object[], next?: string): Promise<void> {
  await live.last.answer(200, { comments, ...(next && { next }) });
  await later();
}

describe('a gap', () => {
  it('is filled in its place, page after page to the end', async () => {
    live.comment(commentOf(1));
    gap(1, 131);
    live.comment(commentOf(131));
    expect(live.last.path).toBe('/videos/42/comments?after=dc1.1%401&upTo=dc1.1%40131&limit=100');
    await answer(range(2, 102), '/next');
    expect(live.last.path).toBe('/next');
    await answer(range(102, 131));
    expect(ids).toEqual(idsOf(1, 132));
    expect(live.sent).toHaveLength(2);
  });

  it('is filled before the next one', async () => {
    live.comment(commentOf(1));
    gap(1, 4);
    live.comment(commentOf(4));
    gap(4, 7);
    live.comment(commentOf(7));
    expect(live.sent).toHaveLength(1);
    await answer(range(2, 4));
    expect(live.sent).toHaveLength(2);
    await answer(range(5, 7));
    expect(ids).toEqual(idsOf(1, 8));
  });

  it('takes own comments that were shown, and deletions', async () => {
    live.comment(commentOf(1), commentOf(2));
    talk.comment('hello');
    await live.last.answer(201, { ...commentOf(4), commentId: 'own-1' });
    gap(2, 6);
    live.comment(commentOf(6));
    const own = commentOf(4, { commentId: 'own-1' });
    await answer([
      { commentId: 'c-1', deleted: true },
      commentOf(3),
      own,
      { commentId: 'c-5', deleted: true },
    ]);
    expect(ids).toEqual(['c-2', 'c-3', 'own-1', 'c-6']);
  });
});

describe('a gap that is not simply filled', () => {
  it('leaves the newest comments if it is longer than the list', async () => {
    live.comment(commentOf(1));
    gap(1, 1000);
    live.comment(commentOf(1000));
    for (const at of [2, 102, 202]) await answer(range(at, at + 100), '/next');
    expect(live.last.path).toBe('/videos/42/comments?upTo=dc1.1%401000&limit=100');
    for (const at of [900, 800, 700]) await answer(range(at, at + 100).reverse(), '/older');
    expect(ids).toEqual(idsOf(751, 1001));
  });

  it('is read again while its comments can not be read yet', async () => {
    live.comment(commentOf(1));
    gap(1, 3);
    live.comment(commentOf(3));
    await answer([], '/again');
    expect(live.sent).toHaveLength(1);
    await jest.advanceTimersByTimeAsync(1000);
    expect(live.last.path).toBe('/again');
    await answer(range(2, 3));
    expect(ids).toEqual(idsOf(1, 4));
  });

  it('is left open if it can not be read', async () => {
    live.comment(commentOf(1));
    gap(1, 3);
    live.comment(commentOf(3));
    await live.last.answer(403);
    await later();
    expect(ids).toEqual(['c-1', 'c-3']);
  });

  it('is one of a bounded number', async () => {
    for (let at = 0; at < 30; at++) {
      live.comment(commentOf(at * 2));
      gap(at * 2, at * 2 + 2);
    }
    for (let at = 0; at < 30 && live.sent.length > at; at++) await answer([]);
    expect(live.sent).toHaveLength(9);
    expect(ids).toEqual(['c-44', 'c-46', 'c-48', 'c-50', 'c-52', 'c-54', 'c-56', 'c-58']);
  });

  it('is forgotten with a new snapshot', async () => {
    live.comment(commentOf(1));
    gap(1, 3);
    live.snapshot({ comments: range(9, 11) });
    await answer(range(2, 3));
    expect(ids).toEqual(['c-9', 'c-10']);
  });
});

describe('older comments', () => {
  it('come before the oldest one, page after page', async () => {
    live.snapshot({ comments: range(80, 100) });
    const first = talk.older();
    expect(live.last.path).toBe('/videos/42/comments?limit=50&before=c-80');
    await answer(range(30, 80).reverse(), '/next');
    expect(await first).toBe(true);
    const second = talk.older();
    expect(live.last.path).toBe('/next');
    await answer(range(0, 30).reverse());
    expect(await second).toBe(false);
    expect(ids).toEqual(idsOf(0, 100));
  });

  it('are read once at a time', async () => {
    live.snapshot({ comments: range(80, 100) });
    expect(talk.older()).toBe(talk.older());
    expect(live.sent).toHaveLength(1);
  });

  it('stay when new ones come', async () => {
    live.snapshot({ comments: range(200, 400) });
    talk.older();
    await answer(range(100, 200).reverse(), '/next');
    live.comment(...range(400, 410));
    await later();
    expect(ids).toHaveLength(300);
    expect(ids[0]).toBe('c-110');
    talk.older();
    expect(live.last.path).toBe('/videos/42/comments?limit=50&before=c-110');
  });

  it('leave no hole when new ones come meanwhile', async () => {
    live.snapshot({ comments: range(200, 400) });
    const first = talk.older();
    live.comment(...range(400, 460));
    await answer(range(150, 200).reverse(), '/next');
    expect(await first).toBe(true);
    await later();
    expect(ids).toEqual(idsOf(150, 460));
    const second = talk.older();
    live.comment(...range(460, 800));
    await answer(range(100, 150).reverse(), '/next');
    expect(await second).toBe(true);
    await later();
    const oldest = 800 - ids.length;
    expect(ids).toEqual(idsOf(oldest, 800));
  });

  it('leave out deleted ones, and go on behind a page of them', async () => {
    live.snapshot({ comments: range(80, 100) });
    const older = talk.older();
    await answer([{ commentId: 'c-79', deleted: true }], '/next');
    expect(live.last.path).toBe('/next');
    await answer(range(70, 79).reverse());
    expect(await older).toBe(false);
    expect(ids[0]).toBe('c-70');
  });

  it('may be asked for again after a failure', async () => {
    live.snapshot({ comments: range(80, 100) });
    const older = talk.older();
    await live.last.answer(503);
    expect(await older).toBe(true);
  });
});
