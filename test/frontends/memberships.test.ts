import { LINGER_MS } from '../../frontends/lingering';
import { MAX_CHANNELS_PER_REQUEST, RETRY_MS } from '../../frontends/memberships';
import { MAX_CHANNEL_LENGTH, MAX_MESSAGE_BYTES } from '../../schemas/delivery';
import { LikestreamError } from '../../schemas/errors';
import { deferred } from '../fixtures/deferred';
import { watching } from './fake-dispatcher';
import { counted } from './parts';

describe('what a worker watches', () => {
  it('is said at once, and the state that is answered is learned', async () => {
    const { dispatcher, held, memberships, sent, want } = await watching();
    dispatcher.states.set('video:1', { 'dc1.1': counted(3) });
    want('video:1');
    await sent();
    expect(dispatcher.asked).toEqual(['+video:1']);
    expect(held.get('video:1')).toEqual({ 'dc1.1': counted(3) });
    memberships.close();
  });

  it('is said of one channel once, however many viewers come', async () => {
    const { clock, dispatcher, memberships, want } = await watching();
    for (let viewers = 0; viewers < 5; viewers++) want('video:1');
    await clock.advance(1_000);
    expect(dispatcher.asked).toEqual(['+video:1']);
    memberships.close();
  });

  it('is said one request at a time, with all that came meanwhile in the next one', async () => {
    const { dispatcher, memberships, sent, want } = await watching();
    const answered = deferred();
    dispatcher.until = answered.promise;
    want('video:1');
    want('video:2');
    await sent();
    want('video:3');
    want('video:4');
    await sent();
    expect(dispatcher.asked).toEqual(['+video:1 +video:2']);
    answered.resolve();
    await sent();
    await sent();
    expect(dispatcher.asked).toEqual(['+video:1 +video:2', '+video:3 +video:4']);
    memberships.close();
  });

  it('is said again until it was heard', async () => {
    const { clock, dispatcher, failures, memberships, want } = await watching();
    dispatcher.away = true;
    want('video:1');
    await clock.advance(1_000);
    expect(failures).toContain('change');
    dispatcher.away = false;
    await clock.advance(1_000);
    const heard = dispatcher.asked.length;
    expect(dispatcher.asked.at(-1)).toBe('+video:1');
    await clock.advance(1_000);
    expect(dispatcher.asked).toHaveLength(heard);
    memberships.close();
  });
});

describe('a worker with very many channels', () => {
  it('joins and leaves them in several requests', async () => {
    const { clock, dispatcher, memberships, want } = await watching();
    for (let at = 0; at < 5_000; at++) want(`video:${at}`);
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

  it('joins a channel again whose state was left out, later if all were left out', async () => {
    const { clock, dispatcher, held, memberships, sent, want } = await watching();
    dispatcher.states.set('video:1', { 'dc1.1': counted(1) });
    dispatcher.states.set('video:2', { 'dc1.1': counted(2) });
    dispatcher.left.add('video:2');
    want('video:1');
    want('video:2');
    await sent();
    await sent();
    expect(dispatcher.asked).toEqual(['+video:1 +video:2', '+video:2']);
    dispatcher.left.clear();
    await clock.advance(RETRY_MS);
    expect(dispatcher.asked).toEqual(['+video:1 +video:2', '+video:2', '+video:2']);
    expect(held.get('video:2')).toEqual({ 'dc1.1': counted(2) });
    memberships.close();
  });
});

describe('a channel without viewers', () => {
  it('is kept for a while: they may be on their way back', async () => {
    const { clock, dispatcher, held, memberships, sent, want } = await watching();
    want('video:1');
    await sent();
    memberships.unwatch('video:1');
    await clock.advance(LINGER_MS - 1);
    want('video:1');
    await clock.advance(10 * LINGER_MS);
    expect(held.has('video:1')).toBe(true);
    expect(dispatcher.asked).toEqual(['+video:1']);
    memberships.close();
  });

  it('is left after that, and joined anew when they come later', async () => {
    const { clock, dispatcher, held, memberships, sent, want } = await watching();
    want('video:1');
    await sent();
    memberships.unwatch('video:1');
    await clock.advance(LINGER_MS);
    expect(held.has('video:1')).toBe(false);
    want('video:1');
    await sent();
    expect(dispatcher.asked).toEqual(['+video:1', '-video:1', '+video:1']);
    memberships.close();
  });

  it('that is wanted again while its leaving fails is not left', async () => {
    const { clock, dispatcher, memberships, sent, want } = await watching();
    want('video:1');
    await sent();
    dispatcher.away = true;
    memberships.unwatch('video:1');
    await clock.advance(LINGER_MS + 100);
    want('video:1');
    dispatcher.away = false;
    await clock.advance(1_000);
    expect(dispatcher.asked.at(-1)).toBe('+video:1');
    memberships.close();
  });

  it('that is left while its joining fails is not joined', async () => {
    const { clock, dispatcher, memberships, want } = await watching();
    dispatcher.away = true;
    want('video:1');
    memberships.unwatch('video:1');
    await clock.advance(LINGER_MS + 100);
    dispatcher.away = false;
    await clock.advance(1_000);
    expect(dispatcher.asked.at(-1)).toBe('-video:1');
    memberships.close();
  });
});

describe('Memberships', () => {
  it('does nothing after it was closed', async () => {
    const { clock, dispatcher, memberships, sent, want } = await watching();
    want('video:1');
    await sent();
    memberships.unwatch('video:1');
    memberships.close();
    await clock.advance(60_000);
    expect([dispatcher.renewals.length, dispatcher.asked]).toEqual([1, ['+video:1']]);
  });

  it('does nothing after it was closed while a request failed', async () => {
    const { clock, dispatcher, memberships, sent, want } = await watching();
    const answered = deferred();
    dispatcher.until = answered.promise;
    want('video:1');
    await sent();
    memberships.close();
    answered.reject(new LikestreamError('peer_unavailable'));
    await clock.advance(60_000);
    expect(dispatcher.asked).toEqual(['+video:1']);
  });
});
