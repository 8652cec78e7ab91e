import { PeerValues } from '../../../dispatchers/moments/peer-values';
import type { Moment } from '../../../schemas/moment';
import { deferred } from '../../fixtures/deferred';
import { VirtualClock } from '../../simulation/virtual-clock';

function use() {
  const clock = new VirtualClock();
  const sent: (readonly Moment[])[] = [];
  const failures: string[] = [];
  const trouble = { isUnavailable: false, until: Promise.resolve() };
  const moments = {
    send: async (some: readonly Moment[]) => {
      if (trouble.isUnavailable) throw new Error('unavailable');
      sent.push(some);
      await trouble.until;
    },
  };
  const values = new PeerValues({ moments, clock, failed: (doing) => void failures.push(doing) });
  const publish = (version: number, own: unknown = version, channel = 'video:1') =>
    values.published({ channel, type: 'watching', own, version, life: 'a' });
  return { clock, failures, publish, sent, trouble, values };
}

const moment = { channel: 'video:1', type: 'watching', life: 'a' };

test('values of one turn are sent together, the newest of each feed', async () => {
  const { clock, publish, sent } = use();
  publish(1);
  publish(3);
  publish(2);
  publish(4, undefined, 'video:2');
  await clock.advance(0);
  const second = { ...moment, channel: 'video:2', version: 4, value: undefined };
  expect(sent).toHaveLength(1);
  expect(sent[0]?.[0]).toEqual({ ...moment, version: 3, value: 3 });
  expect(sent[0]?.[1]).toMatchObject({ ...second, value: 4 });
});

test('the absence of a value is sent without one', async () => {
  const { clock, sent, values } = use();
  values.published({ ...moment, own: undefined, version: 2 });
  await clock.advance(0);
  expect(sent).toEqual([[{ ...moment, version: 2 }]]);
});

test('one append is in flight; what changes meanwhile is merged', async () => {
  const { clock, publish, sent, trouble } = use();
  const answer = deferred();
  trouble.until = answer.promise;
  publish(1);
  await clock.advance(0);
  publish(2);
  publish(3);
  await clock.advance(5_000);
  expect(sent).toHaveLength(1);
  answer.resolve();
  await clock.advance(20);
  expect(sent[1]).toEqual([{ ...moment, version: 3, value: 3 }]);
});

test('a failed append is repeated, unless a newer value waits', async () => {
  const { clock, failures, publish, sent, trouble } = use();
  trouble.isUnavailable = true;
  publish(1);
  publish(1, 'other', 'video:2');
  await clock.advance(0);
  publish(2);
  trouble.isUnavailable = false;
  await clock.advance(1_000);
  expect(failures).toEqual(['send values to peers']);
  expect(sent.flat().map(({ value }) => value)).toEqual([2, 'other']);
});

test('a large number of values is sent in parts', async () => {
  const { clock, publish, sent } = use();
  for (let at = 0; at < 1_200; at++) publish(1, 1, `video:${at}`);
  await clock.advance(100);
  expect(sent.map((some) => some.length)).toEqual([500, 500, 200]);
});

test('at the end all that waits is sent, and nothing afterwards', async () => {
  const { clock, publish, sent, values } = use();
  for (let at = 0; at < 600; at++) publish(1, 1, `video:${at}`);
  await values.finish();
  expect(sent.map((some) => some.length)).toEqual([500, 100]);
  publish(3);
  await clock.advance(1_000);
  expect(sent).toHaveLength(2);
});

test('the end waits for no log that is unavailable', async () => {
  const { clock, failures, publish, trouble, values } = use();
  trouble.isUnavailable = true;
  publish(1);
  await values.finish();
  await clock.advance(5_000);
  expect(failures).toHaveLength(1);
});
