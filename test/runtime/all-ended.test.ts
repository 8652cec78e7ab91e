import { allEnded } from '../../runtime/all-ended';
import { deferred, settled } from '../fixtures/deferred';

it('rejects with the first error, once all have ended', async () => {
  const slow = deferred();
  let isOver = false;
  const ended = allEnded([slow.promise, Promise.reject(new Error('one'))]).finally(() => {
    isOver = true;
  });
  const expected = expect(ended).rejects.toThrow('one');
  await settled();
  expect(isOver).toBe(false);
  slow.resolve();
  await expected;
});

it('resolves when all have ended well', async () => {
  await expect(allEnded([Promise.resolve(1), Promise.resolve(2)])).resolves.toBeUndefined();
});
