import type { Api } from '../../../../tools/load/api';
import { CommentPoster } from '../../../../tools/load/comments/poster';
import { Tally } from '../../../../tools/load/tally';

const VIDEO = 'a';

/** A poster to a server that refuses the first try of each comment with a status. */
function posterTo(first: number) {
  const tally = new Tally();
  const ids: string[] = [];
  const during = new Set<boolean>();
  const api: Pick<Api, 'post'> = {
    async post(_, content) {
      const { commentId = '' } = content as { commentId?: string };
      during.add(tally.isBurst);
      const isRepeated = ids.includes(commentId);
      ids.push(commentId);
      return isRepeated ? 201 : first;
    },
  };
  const plan = { rate: 0, seconds: 0 };
  const poster = new CommentPoster(plan, [VIDEO], [api as Api], tally);
  return { during, ids, poster, tally };
}

test('a burst posts each comment once, and is over when all are answered', async () => {
  const { during, ids, poster, tally } = posterTo(201);
  const burst = await poster.burst(300, new AbortController().signal);
  expect(burst.comments).toBe(300);
  expect(new Set(ids).size).toBe(300);
  expect(ids).toHaveLength(300);
  expect(poster.taken.get(VIDEO)?.toSorted()).toEqual(ids.toSorted());
  expect([...during, tally.isBurst]).toEqual([true, false]);
});

test('a comment that is refused for now is posted again with its id', async () => {
  const { ids, poster } = posterTo(503);
  await poster.burst(1, new AbortController().signal);
  expect(ids).toHaveLength(2);
  expect(poster.taken.get(VIDEO)).toEqual([ids[0]]);
});

test('a comment that is refused for good is not posted again', async () => {
  const { ids, poster } = posterTo(400);
  await poster.burst(1, new AbortController().signal);
  expect(ids).toHaveLength(1);
  expect(poster.taken.get(VIDEO)).toEqual([]);
});
