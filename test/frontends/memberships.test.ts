import { LINGER_MS } from '../../frontends/lingering';
import { RETRY_MS } from '../../frontends/memberships';
import { MAX_CHANNELS_PER_REQUEST } from '../../frontends/request-size';
import { MAX_MESSAGE_BYTES } from '../../schemas/delivery';
import { LikestreamError } from '../../schemas/errors';
import { MAX_CHANNEL_LENGTH } from '../../schemas/report';
import { deferred } from '../fixtures/deferred';
import { likesIn, watching } from './fake-dispatcher';
import { counted } from './parts';

describe('the channels that a worker watches', () => {
  it('are joined at once, and the answer’s state is applied', async () => {
    const { dispatcher, held, memberships, sent, watch } = await watching();
    dispatcher.states.set('video:1', likesIn({ 'dc1.1': counted(3) }));
    watch('video:1');
    await sent();
    expect(dispatcher.requested).toEqual(['+video:1']);
    expect(held.get('video:1')).toEqual(likesIn({ 'dc1.1': counted(3) }));
    memberships.close();
  });

  it('are joined once, however many viewers open', async () => {
    const { clock, dispatcher, memberships, watch } = await watching();
    for (let viewers = 0; viewers < 5; viewers++) watch('video:1');
    await clock.advance(1_000);
    expect(dispatcher.requested).toEqual(['+video:1']);
    memberships.close();
  });

  it('are joined by one request at a time; the next has all changes made meanwhile', async () => {
    const { dispatcher, memberships, sent, watch } = await watching();
    const answered = deferred();
    dispatcher.until = answered.promise;
    watch('video:1');
    watch('video:2');
    await sent();
    watch('video:3');
    watch('video:4');
    await sent();
    expect(dispatcher.requested).toEqual(['+video:1 +video:2']);
    answered.resolve();
    await sent();
    await sent();
    expect(dispatcher.requested).toEqual(['+video:1 +video:2', '+video:3 +video:4']);
    memberships.close();
  });

  it('are joined again until a request succeeds', async () => {
    const { clock, dispatcher, failures, memberships, watch } = await watching();
    dispatcher.isUnavailable = true;
    watch('video:1');
    await clock.advance(1_000);
    expect(failures).toContain('change memberships');
    dispatcher.isUnavailable = false;
    await clock.advance(1_000);
    const answered = dispatcher.requested.length;
    expect(dispatcher.requested.at(-1)).toBe('+video:1');
    await clock.advance(1_000);
    expect(dispatcher.requested).toHaveLength(answered);
    memberships.close();
  });
});

describe('a worker with very many channels', () => {
  it('joins and leaves them in several requests', async () => {
    const { clock, dispatcher, memberships, watch } = await watching();
    for (let at = 0; at < 5_000; at++) watch(`video:${at}`);
    await clock.advance(1_000);
    expect(dispatcher.changes.flatMap(({ join }) => join)).toHaveLength(5_000);
    for (const { join } of dispatcher.changes) {
      expect(join.length).toBeLessThanOrEqual(MAX_CHANNELS_PER_REQUEST);
    }
    memberships.close();
  });

  it('sends requests below the size limit, with any channel names', () => {
    const name = MAX_CHANNEL_LENGTH + '"",'.length;
    expect(2 * MAX_CHANNELS_PER_REQUEST * name).toBeLessThan(MAX_MESSAGE_BYTES / 2);
  });

  it('joins a channel again if its state was left out; later if all were left out', async () => {
    const { clock, dispatcher, held, memberships, sent, watch } = await watching();
    dispatcher.states.set('video:1', likesIn({ 'dc1.1': counted(1) }));
    dispatcher.states.set('video:2', likesIn({ 'dc1.1': counted(2) }));
    dispatcher.left.add('video:2');
    watch('video:1');
    watch('video:2');
    await sent();
    await sent();
    expect(dispatcher.requested).toEqual(['+video:1 +video:2', '+video:2']);
    dispatcher.left.clear();
    await clock.advance(RETRY_MS);
    expect(dispatcher.requested).toEqual(['+video:1 +video:2', '+video:2', '+video:2']);
    expect(held.get('video:2')).toEqual(likesIn({ 'dc1.1': counted(2) }));
    memberships.close();
  });
});

describe('the answer to a join', () => {
  it('is partial if the channel must be joined again for its saved states', async () => {
    const { answers, dispatcher, memberships, sent, watch } = await watching();
    dispatcher.partial.add('video:2');
    for (const channel of ['video:1', 'video:2']) watch(channel);
    await sent();
    expect(answers).toEqual([
      ['video:1', 'complete'],
      ['video:2', 'partial'],
    ]);
    expect(dispatcher.requested).toEqual(['+video:1 +video:2']);
    memberships.close();
  });

  it('with a state that is not valid is repeated for that channel alone', async () => {
    const { clock, dispatcher, failures, held, memberships, sent, watch } = await watching();
    dispatcher.states.set('video:1', { invalid: {} });
    dispatcher.states.set('video:2', likesIn({ 'dc1.1': counted(2) }));
    for (const channel of ['video:1', 'video:2']) watch(channel);
    await sent();
    expect(failures).toEqual(['read a state']);
    expect(held.get('video:2')).toEqual(likesIn({ 'dc1.1': counted(2) }));
    dispatcher.states.set('video:1', likesIn({ 'dc1.1': counted(1) }));
    await clock.advance(RETRY_MS);
    expect(dispatcher.requested).toEqual(['+video:1 +video:2', '+video:1']);
    expect(held.get('video:1')).toEqual(likesIn({ 'dc1.1': counted(1) }));
    memberships.close();
  });
});

describe('a channel without viewers', () => {
  it('is kept for `LINGER_MS`, because viewers may reconnect', async () => {
    const { clock, dispatcher, held, memberships, sent, watch } = await watching();
    watch('video:1');
    await sent();
    memberships.unwatch('video:1');
    await clock.advance(LINGER_MS - 1);
    watch('video:1');
    await clock.advance(10 * LINGER_MS);
    expect(held.has('video:1')).toBe(true);
    expect(dispatcher.requested).toEqual(['+video:1']);
    memberships.close();
  });

  it('is left after that, and joined again for a later viewer', async () => {
    const { clock, dispatcher, held, memberships, sent, watch } = await watching();
    watch('video:1');
    await sent();
    memberships.unwatch('video:1');
    await clock.advance(LINGER_MS);
    expect(held.has('video:1')).toBe(false);
    watch('video:1');
    await sent();
    expect(dispatcher.requested).toEqual(['+video:1', '-video:1', '+video:1']);
    memberships.close();
  });

  it('that is watched again while leaving it fails is not left', async () => {
    const { clock, dispatcher, memberships, sent, watch } = await watching();
    watch('video:1');
    await sent();
    dispatcher.isUnavailable = true;
    memberships.unwatch('video:1');
    await clock.advance(LINGER_MS + 100);
    watch('video:1');
    dispatcher.isUnavailable = false;
    await clock.advance(1_000);
    expect(dispatcher.requested.at(-1)).toBe('+video:1');
    memberships.close();
  });

  it('that is left while joining it fails is not joined', async () => {
    const { clock, dispatcher, memberships, watch } = await watching();
    dispatcher.isUnavailable = true;
    watch('video:1');
    memberships.unwatch('video:1');
    await clock.advance(LINGER_MS + 100);
    dispatcher.isUnavailable = false;
    await clock.advance(1_000);
    expect(dispatcher.requested.at(-1)).toBe('-video:1');
    memberships.close();
  });
});

describe('Memberships', () => {
  it('does nothing after it was closed', async () => {
    const { clock, dispatcher, memberships, sent, watch } = await watching();
    watch('video:1');
    await sent();
    memberships.unwatch('video:1');
    memberships.close();
    await clock.advance(60_000);
    expect([dispatcher.renewals.length, dispatcher.requested]).toEqual([1, ['+video:1']]);
  });

  it('does nothing after it was closed while a request failed', async () => {
    const { clock, dispatcher, memberships, sent, watch } = await watching();
    const answered = deferred();
    dispatcher.until = answered.promise;
    watch('video:1');
    await sent();
    memberships.close();
    answered.reject(new LikestreamError('peer_unavailable'));
    await clock.advance(60_000);
    expect(dispatcher.requested).toEqual(['+video:1']);
  });
});
