import { SECRET, token } from '../runtime/members/tokens';
import { call, eventually, problemIn } from './api';
import { endServers, Server } from './server';
import { StreamClient } from './stream-client';

let server: Server;
const viewers: StreamClient[] = [];
beforeAll(async () => {
  server = await Server.startToReturn({ env: { JWT_SECRET: SECRET } });
});
afterEach(() => {
  for (const viewer of viewers.splice(0)) viewer.close();
});
afterAll(endServers);

function bearer(sub: string): Readonly<Record<string, string>> {
  const exp = Math.floor(Date.now() / 1_000) + 600;
  return { Authorization: `Bearer ${token({ sub, exp })}` };
}

function read(conversation: string, sub: string, body: unknown) {
  const path = `/conversations/${conversation}/receipts`;
  return call(server.url, 'POST', path, { body, headers: bearer(sub) });
}

async function receiptsOf(conversation: string) {
  const path = `/conversations/${conversation}/receipts`;
  const { text } = await call(server.url, 'GET', path, { headers: bearer('ann') });
  return JSON.parse(text).receipts;
}

function watch(conversation: string, sub: string, lastEventId = ''): StreamClient {
  const options = { query: 'events=receipts', headers: bearer(sub), lastEventId };
  const viewer = new StreamClient(server.url, [`conversation:${conversation}`], options);
  viewers.push(viewer);
  return viewer;
}

const sentTo = (viewer: StreamClient) =>
  viewer
    .all('receipt')
    .map(({ data }) => [Reflect.get(data, 'memberId'), Reflect.get(data, 'messageId')]);

it('a receipt is stored, sent to the others, and never replaced by an older one', async () => {
  const [ann, bob] = [watch('1', 'ann'), watch('1', 'bob')];
  await ann.next('snapshot');
  expect((await bob.next('snapshot')).data).toMatchObject({ receipts: [] });
  const first = await read('1', 'ann', { messageId: '9' });
  expect(first.status).toBe(201);
  expect(JSON.parse(first.text)).toEqual({
    ...{ conversationId: '1', messageId: '9' },
    ...{ at: expect.any(Number), place: expect.stringMatching(/^dc1\.1@\d+$/) },
  });
  const newer = await read('1', 'ann', { messageId: '10' });
  const older = await read('1', 'ann', { messageId: '9' });
  const again = await read('1', 'ann', { messageId: '10' });
  expect([newer.status, older.status, again.status]).toEqual([201, 200, 200]);
  expect([older.text, again.text]).toEqual([newer.text, newer.text]);
  await eventually(() => expect(sentTo(bob).at(-1)).toEqual(['ann', '10']));
  await read('1', 'bob', { messageId: '3' });
  await eventually(() => expect(sentTo(ann)).toEqual([['bob', '3']]));
  expect(sentTo(bob).every(([member]) => member === 'ann')).toBe(true);
});

it('receipts outlive a restart, and a viewer that returns is sent the new ones', async () => {
  await read('2', 'ann', { messageId: 'a' });
  await eventually(async () => expect(await receiptsOf('2')).toHaveLength(1));
  const before = watch('2', 'bob');
  const snapshot = await before.next('snapshot');
  expect(snapshot.data).toMatchObject({ receipts: [{ memberId: 'ann', messageId: 'a' }] });
  before.close();
  await read('2', 'cy', { messageId: 'b' });
  await server.stop();
  server = await server.startAgain();
  expect(await receiptsOf('2')).toMatchObject([
    { memberId: 'cy', messageId: 'b' },
    { memberId: 'ann', messageId: 'a' },
  ]);
  const viewer = watch('2', 'bob', snapshot.id);
  await eventually(() => expect(sentTo(viewer)).toEqual([['cy', 'b']]));
  expect(viewer.all('snapshot')).toEqual([]);
  expect((await read('2', 'cy', { messageId: 'b' })).status).toBe(200);
});

it.each([
  [{}, 'invalid_id'],
  [{ messageId: 'a b' }, 'invalid_id'],
  [{ messageId: 7 }, 'invalid_id'],
  [{ messageId: '7', memberId: 'eve' }, 'invalid_body'],
])('the receipt %j is refused with %s', async (body, code) => {
  const answer = await read('3', 'ann', body);
  expect([answer.status, problemIn(answer).code]).toEqual([400, code]);
});
