import { SignJWT, UnsecuredJWT } from 'jose';
import { call, eventually, likeIn, post, problemIn, totalsOf } from './api';
import { endServers, Server } from './server';
import { entriesIn, rowsIn } from './store';
import { StreamClient } from './stream-client';

const SECRET = 'a secret that only the test and the server know';

let server: Server;
const viewers: StreamClient[] = [];
beforeAll(async () => {
  server = await Server.start({ env: { JWT_SECRET: SECRET } });
});
afterEach(() => {
  for (const viewer of viewers.splice(0)) viewer.close();
});
afterAll(endServers);

function tokenOf(sub: string, secret = SECRET, expires = '1h'): Promise<string> {
  const token = new SignJWT({}).setProtectedHeader({ alg: 'HS256' }).setSubject(sub);
  return token.setExpirationTime(expires).sign(Buffer.from(secret));
}

async function bearer(sub: string): Promise<{ headers: { Authorization: string } }> {
  return { headers: { Authorization: `Bearer ${await tokenOf(sub)}` } };
}

async function badTokens(): Promise<Record<string, string>> {
  return {
    none: '',
    empty: 'Bearer ',
    nonsense: 'Bearer nonsense',
    foreign: `Bearer ${await tokenOf('ann', 'another secret, of another service')}`,
    unsigned: `Bearer ${new UnsecuredJWT({}).setSubject('ann').encode()}`,
    nobody: `Bearer ${await tokenOf('')}`,
    basic: `Basic ${await tokenOf('ann')}`,
  };
}

describe('with a configured key', () => {
  it('likes and streams are refused without a valid token', async () => {
    for (const [kind, token] of Object.entries(await badTokens())) {
      const headers: Record<string, string> = token === '' ? {} : { Authorization: token };
      const answers = [
        await post(server.url, 'closed', {}, { headers }),
        await call(server.url, 'GET', '/videos/closed/likes', { headers }),
        await call(server.url, 'GET', '/stream?channel=video:closed', { headers }),
        await call(server.url, 'PUT', '/stream/x/channels/video:closed', { headers }),
      ];
      for (const answer of answers) {
        expect([kind, answer.status, problemIn(answer).code]).toEqual([kind, 401, 'unauthorized']);
        const isGiven = !['none', 'basic'].includes(kind);
        const challenge = isGiven ? /^Bearer error="invalid_token"/ : /^Bearer$/;
        expect(answer.headers['www-authenticate']).toMatch(challenge);
      }
    }
    expect(await rowsIn(server.dataDir)).toEqual([]);
  });

  it('a member likes and watches with a token, and the like has its id', async () => {
    const options = await bearer('ann');
    const viewer = new StreamClient(server.url, ['video:open'], options);
    viewers.push(viewer);
    await viewer.next('snapshot');
    const answer = await post(server.url, 'open', { likeId: 'hers' }, options);
    expect(answer.status).toBe(201);
    expect(likeIn(answer).likeId).toBe('hers');
    expect(answer.headers['set-cookie']).toBeUndefined();
    await viewer.next('likes');
    expect((await rowsIn(server.dataDir, 'open'))[0]?.memberId).toBe('ann');
    await eventually(async () => {
      expect((await totalsOf(server.url, 'open', options)).total).toBe(1);
    });
  });

  it('EventSource may send its token in the URL', async () => {
    const query = `access_token=${await tokenOf('bea')}`;
    const viewer = new StreamClient(server.url, ['video:query'], { query });
    viewers.push(viewer);
    await viewer.next('snapshot');
    expect(viewer.statuses).toEqual([200]);
    const bad = new StreamClient(server.url, ['video:query'], { query: 'access_token=nonsense' });
    viewers.push(bad);
    const answer = await call(
      server.url,
      'GET',
      '/stream?channel=video:query&access_token=nonsense',
    );
    expect([answer.status, problemIn(answer).code]).toEqual([401, 'unauthorized']);
  });

  it('claims of other characters become different ids', async () => {
    const options = await bearer('ann@example.com/ä');
    await post(server.url, 'mapped', {}, options);
    await post(server.url, 'mapped', {}, await bearer('ann@example.com/ö'));
    const ids = (await rowsIn(server.dataDir, 'mapped')).map(({ memberId }) => memberId);
    for (const id of ids) expect(id).toMatch(/^m-[0-9a-f]{32}$/);
    expect(new Set(ids).size).toBe(2);
  });

  it('the page needs no token', async () => {
    expect((await call(server.url, 'GET', '/')).status).toBe(200);
  });

  it('the start prints no line about anonymous members', async () => {
    const other = await Server.start({ env: { JWT_SECRET: SECRET } });
    expect((await other.stop()).stdout).not.toMatch(/anonymous/);
  });
});

describe('without a configured key', () => {
  it('a member keeps the id in its cookie', async () => {
    const open = await Server.start();
    const first = await post(open.url, 'cookie', {});
    const [cookie = ''] = first.headers['set-cookie'] ?? [];
    expect(cookie).toMatch(/^likestream_member=anonymous-[0-9a-f]+\.[\w-]+; .*httponly/i);
    const headers = { Cookie: cookie.split(';')[0] ?? '' };
    const second = await post(open.url, 'cookie', {}, { headers });
    expect(second.headers['set-cookie']).toBeUndefined();
    const made = { Cookie: `likestream_member=anonymous-${'0'.repeat(32)}` };
    await post(open.url, 'cookie', {}, { headers: made });
    const members = (await rowsIn(open.dataDir, 'cookie')).map(({ memberId }) => memberId);
    expect(members).toHaveLength(3);
    expect(new Set(members).size).toBe(2);
    for (const memberId of members) expect(memberId).toMatch(/^anonymous-/);
  });
});

describe('an event type whose ids are the members’', () => {
  const type = 'poll-votes';
  let polls: Server;
  beforeAll(async () => {
    const env = { JWT_SECRET: SECRET, EVENT_TYPES: 'docs/examples/poll-votes.js' };
    polls = await Server.startToReturn({ env });
  });

  async function vote(sub: string, body: unknown) {
    return post(polls.url, 'poll', body, { ...(await bearer(sub)), type });
  }

  async function expectVotes(options: Readonly<Record<string, number>>): Promise<void> {
    const votes = Object.values(options).reduce((sum, count) => sum + count, 0);
    const asked = await bearer('ann');
    await eventually(async () => {
      const answer = await call(polls.url, 'GET', `/videos/poll/${type}`, asked);
      expect(JSON.parse(answer.text)).toMatchObject({ videoId: 'poll', votes, options });
    });
    expect(await entriesIn(polls.dataDir, type, 'video:poll')).toHaveLength(votes);
  }

  it('counts each member once, and answers a repeat with the first body', async () => {
    const first = await vote('ann', { option: 'yes' });
    const again = await vote('ann', { option: 'no' });
    expect([first.status, again.status]).toEqual([201, 200]);
    expect(JSON.parse(first.text)).toMatchObject({
      ...{ memberId: 'ann', videoId: 'poll', option: 'yes' },
    });
    expect(again.text).toBe(first.text);
    const crowd = ['bob', 'eve', 'bob', 'eve', 'bob'].map((sub) => vote(sub, { option: 'no' }));
    const statuses = (await Promise.all(crowd)).map(({ status }) => status).sort();
    // Also 201: a vote that waited for the member's first one.
    expect(statuses.slice(-2)).toEqual([201, 201]);
    expect(statuses.every((status) => status === 200 || status === 201)).toBe(true);
    await expectVotes({ yes: 1, no: 2 });
  });

  it('finds a member’s entry after a restart', async () => {
    const before = await vote('ann', { option: 'no' });
    await polls.stop();
    polls = await polls.startAgain();
    const after = await vote('ann', { option: 'maybe' });
    expect([before.status, after.status]).toEqual([200, 200]);
    expect(after.text).toBe(before.text);
    await expectVotes({ yes: 1, no: 2 });
  });

  it('refuses an id, a list, and a body of another shape', async () => {
    const bodies = [{ option: 'yes', memberId: 'eve' }, { 'poll-votes': [{ option: 'yes' }] }];
    for (const body of [...bodies, {}, { option: 'Yes!' }, { option: 'constructor' }]) {
      const answer = await vote('zoe', body);
      expect([answer.status, problemIn(answer).code]).toEqual([400, 'invalid_body']);
    }
    await expectVotes({ yes: 1, no: 2 });
  });

  it('is counted apart from likes of the same video', async () => {
    const options = await bearer('ann');
    expect((await post(polls.url, 'poll', { likeId: 'ann' }, options)).status).toBe(201);
    await eventually(async () => {
      expect((await totalsOf(polls.url, 'poll', options)).total).toBe(1);
    });
    await expectVotes({ yes: 1, no: 2 });
  });
});
