import { JoinedRequest } from '../../../../adapters/kafka/positions/joined-request';
import { type Deferred, deferred, settled } from '../../../fixtures/deferred';

/** Requests that the test answers. */
function use() {
  const requests: { readonly keys: readonly string[]; readonly answer: Deferred<number> }[] = [];
  const joined = new JoinedRequest<string, number>((keys) => {
    const answer = deferred<number>();
    requests.push({ keys, answer });
    return answer.promise;
  });
  return { joined, requests };
}

test('calls at the same time share one request, which names each key once', async () => {
  const { joined, requests } = use();
  const calls = ['a', 'b', 'a'].map((key) => joined.get(key));
  await settled();
  expect(requests.map(({ keys }) => keys)).toEqual([['a', 'b']]);
  requests[0]?.answer.resolve(7);
  expect(await Promise.all(calls)).toEqual([7, 7, 7]);
});

test('calls during a request share the next one, whose answer is newer', async () => {
  const { joined, requests } = use();
  const first = joined.get('a');
  await settled();
  const later = ['a', 'b'].map((key) => joined.get(key));
  await settled();
  expect(requests).toHaveLength(1);
  requests[0]?.answer.resolve(1);
  expect(await first).toBe(1);
  await settled();
  expect(requests[1]?.keys).toEqual(['a', 'b']);
  requests[1]?.answer.resolve(2);
  expect(await Promise.all(later)).toEqual([2, 2]);
});

test('a request that fails rejects its calls only', async () => {
  const { joined, requests } = use();
  const first = joined.get('a');
  await settled();
  const next = joined.get('a');
  requests[0]?.answer.reject(new Error('no coordinator'));
  await expect(first).rejects.toThrow('no coordinator');
  await settled();
  requests[1]?.answer.resolve(2);
  expect(await next).toBe(2);
});
