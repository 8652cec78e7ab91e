import { CommentLedger } from '../../../tools/chaos/comment-ledger';
import type { StreamEvent } from '../../end-to-end/stream-client';

function event(name: string, data: Record<string, unknown>): StreamEvent {
  return { name, data, id: undefined, connection: 1 };
}

function comment(at: number) {
  return { commentId: `c${at}`, place: `dc1.1@${at}` };
}

const events = [
  event('snapshot', { comments: [comment(1)] }),
  event('comment', comment(2)),
  event('gap', { missed: 'comments', history: '/videos/v/comments?after=2&upTo=4' }),
  event('comment', comment(5)),
];

/** A ledger with accepted comments of these places. */
function use(...places: readonly number[]) {
  const ledger = new CommentLedger();
  for (const at of places) ledger.accept({ ...comment(at), text: 'x' });
  return ledger;
}

const pages: Record<string, unknown> = {
  '/videos/v/comments?after=2&upTo=4': { comments: [comment(3)], next: '/next' },
  '/next': { comments: [comment(4)] },
};
const read = async (path: string) => pages[path];

test('a viewer has the comments of its snapshot, of events and behind links', async () => {
  expect(await use(0, 1, 2, 3, 4, 5).wrong([{ events }], read)).toEqual([]);
});

test('a viewer that lacks an accepted comment is reported', async () => {
  expect(await use(1, 2, 6).wrong([{ events }], read)).toEqual([
    'viewer 0 lacks 1 comments: dc1.1@6',
  ]);
});

test('a viewer with an empty snapshot must have all', async () => {
  const none = [event('snapshot', { comments: [] }), event('comment', comment(7))];
  expect(await use(0, 7).wrong([{ events: none }], read)).toEqual([
    'viewer 0 lacks 1 comments: dc1.1@0',
  ]);
});

test('a comment that comes twice is reported, also of a viewer that left', async () => {
  const twice = [...events, event('comment', comment(5))];
  const ledger = use(1);
  expect(await ledger.wrong([{ events: twice }], read)).toEqual(['viewer 0: c5 was sent twice']);
  ledger.left({ events: twice });
  expect(await ledger.wrong([], read)).toEqual(['c5 was sent twice']);
});

test('a page that is not complete is read again later', async () => {
  const incomplete = async () => ({ comments: [], next: '/again' });
  await expect(use(1).wrong([{ events }], incomplete)).rejects.toThrow('not complete');
});
