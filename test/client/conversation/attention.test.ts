import { type Conversation, conversation } from '../../../client/conversation';
import { commentOf, FakeLive } from './fake-live';

const MOMENTS = 'conversation:42';

let live: FakeLive;
let talk: Conversation;
let typing: readonly string[];
let attributes: object;
let receipts: number;

beforeEach(() => {
  jest.useFakeTimers();
  live = new FakeLive('ann');
  [typing, attributes, receipts] = [[], {}, 0];
  talk = conversation(live, 'video:42', {
    typing(members) {
      typing = members;
    },
    attributes(all) {
      attributes = all;
    },
    receipts() {
      receipts += 1;
    },
  });
});
afterEach(() => {
  talk.close();
  jest.useRealTimers();
});

const later = (ms = 100) => jest.advanceTimersByTimeAsync(ms);

function types(memberId: string, active = true): Promise<void> {
  live.event(MOMENTS, 'typing', { memberId, active });
  return later();
}

describe('typing', () => {
  it('is sent at most once a second, and at once after a comment', async () => {
    for (let at = 0; at < 24; at++) {
      talk.typing();
      await later();
    }
    expect(live.sent).toHaveLength(3);
    expect(live.last).toMatchObject({ method: 'POST', path: '/conversations/42/typing' });
    talk.comment('hello');
    talk.typing();
    expect(live.sent).toHaveLength(5);
  });

  it('of others is shown until they stop, or comment', async () => {
    live.snapshot({ typing: ['bo'] }, MOMENTS);
    await types('cy');
    expect(typing).toEqual(['bo', 'cy']);
    await types('bo', false);
    expect(typing).toEqual(['cy']);
    live.comment(commentOf(1, { memberId: 'cy' }));
    await later();
    expect(typing).toEqual([]);
  });

  it('of others ends by itself if nobody says so', async () => {
    await types('bo');
    await later(30_000);
    expect(typing).toEqual([]);
  });

  it('of thousands is a bounded list', async () => {
    for (let at = 0; at < 1000; at++)
      live.event(MOMENTS, 'typing', { memberId: `m-${at}`, active: true });
    await later();
    expect(typing).toHaveLength(50);
  });
});

describe('reading', () => {
  it('is sent once for what is read together, and never for an older message', async () => {
    for (const at of [10, 11, 12, 9]) talk.read(`c-${at}`);
    expect(live.sent.map(({ body }) => body)).toEqual([{ messageId: 'c-10' }]);
    expect(live.last.path).toBe('/conversations/42/receipts');
    await live.last.answer(201);
    await later(1000);
    expect(live.last.body).toEqual({ messageId: 'c-12' });
    await live.last.answer(201);
    talk.read('c-11');
    await later(5000);
    expect(live.sent).toHaveLength(2);
  });

  it('is one request at a time', async () => {
    for (let at = 10; at < 30; at++) {
      talk.read(`c-${at}`);
      await later(1000);
    }
    expect(live.sent).toHaveLength(1);
    await live.last.answer(201);
    await later(1000);
    expect(live.last.body).toEqual({ messageId: 'c-29' });
    expect(live.sent).toHaveLength(2);
  });

  it('by others is known, the newest of each', async () => {
    live.snapshot({ receipts: [{ memberId: 'bo', messageId: 'c-9', at: 1 }] }, MOMENTS);
    live.event(MOMENTS, 'receipt', { memberId: 'cy', messageId: 'c-10', at: 2 });
    live.event(MOMENTS, 'receipt', { memberId: 'cy', messageId: 'c-8', at: 3 });
    await later();
    expect(talk.readersOf('c-9')).toEqual(['bo', 'cy']);
    expect(talk.readersOf('c-10')).toEqual(['cy']);
    expect(talk.readersOf('c-11')).toEqual([]);
    expect(receipts).toBe(2);
  });
});

describe('attributes', () => {
  it('are set, changed and removed', () => {
    live.snapshot({ attributes: { score: '1 : 0', title: 'Final' } });
    live.event('video:42', 'attribute', { name: 'score', value: '2 : 0' });
    expect(attributes).toEqual({ score: '2 : 0', title: 'Final' });
    live.event('video:42', 'attribute', { name: 'title', value: null });
    expect(attributes).toEqual({ score: '2 : 0' });
    live.snapshot({ attributes: { title: 'Replay' } });
    expect(attributes).toEqual({ title: 'Replay' });
  });
});

describe('what has no handler', () => {
  it('is not watched', () => {
    const other = new FakeLive();
    conversation(other, 'video:42', { comments: () => {} }).close();
    expect(other.handles('video:42')).toEqual(['comment', 'comment_deleted', 'gap', 'snapshot']);
    expect(other.closed).toEqual(['video:42']);
  });
});
