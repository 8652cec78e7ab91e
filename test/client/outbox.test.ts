import { createOutbox } from '../../client/outbox';
import { createTally } from '../../client/tally';
import { settled } from '../fixtures/deferred';

it('waits for the next tap when a proxy answers instead of the server', async () => {
  const answers: Record<string, unknown>[] = [
    {},
    { likes: [{ place: 'dc1.1@1' }, { place: 'dc1.1@2' }] },
  ];
  const send = jest.fn(async () => ({ isOk: true, status: 200, body: answers.shift() ?? {} }));
  const outbox = createOutbox('/videos/42/likes', send, createTally(), jest.fn());
  void outbox.add('one', undefined);
  await settled();
  expect(send).toHaveBeenCalledTimes(1);
  expect(outbox.pending()).toHaveLength(1);
  void outbox.add('two', undefined);
  await settled();
  expect(send).toHaveBeenCalledTimes(2);
  expect(outbox.pending()).toEqual([]);
});
