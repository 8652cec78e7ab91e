// Each member of a poll votes three times. It takes minutes, so `npm test` leaves it out and
// .ci/nightly runs it:
//   npx jest --testMatch '<rootDir>/test/**/*.nightly.ts'

import { join } from 'node:path';
import { z } from 'zod';
import { eventTypesOf } from '../../app/event-types';
import { ROOT } from '../../compose/native/folders';
import { DEFAULT_REACTIONS } from '../../schemas/likes';
import { freshId } from '../contract/time';
import { call, eventually, range } from '../end-to-end/api';
import { Seeded } from '../simulation/seeded';
import { PeerSites } from './peer-sites';
import { entriesOf } from './rows';
import { VoteWatcher } from './vote-watcher';

const START_MS = 400_000;
const TEST_MS = 400_000;
const REST_MS = 90_000;

const MEMBERS = 2_000;
const VOTES_A_MEMBER = 3;
const OPTIONS = ['a', 'b', 'c', 'd', 'e'];
const IN_FLIGHT = 32;
const WATCHERS_A_SITE = 20;
/** After this share of the votes, a dispatcher of each datacenter is killed. */
const KILLED_AFTER = 1 / 3;
const MAX_TRIES = 60;

const EVENT_TYPES = join(ROOT, 'docs', 'examples', 'poll-votes.js');
const types = eventTypesOf({ REACTIONS: DEFAULT_REACTIONS, EVENT_TYPES: [EVENT_TYPES] });

const polled = z.object({ votes: z.int(), options: z.record(z.string(), z.int()) });

const peers = new PeerSites();
const random = new Seeded(1);
const videoId = freshId('video');
const channel = `video:${videoId}`;
const path = `/videos/${videoId}/poll-votes`;

beforeAll(() => peers.start({ EVENT_TYPES }), START_MS);

afterAll(() => peers.end(), START_MS);

/** The members of all votes, each three times, in random order. */
function shuffledMembers(): number[] {
  const all = range(MEMBERS * VOTES_A_MEMBER).map((at) => at % MEMBERS);
  for (let at = all.length - 1; at > 0; at--) {
    const other = random.below(at + 1);
    [all[at], all[other]] = [all[other] ?? 0, all[at] ?? 0];
  }
  return all;
}

/** Votes in a random datacenter, again until it is answered. */
async function vote(token: string): Promise<void> {
  const { url } = peers.site(random.below(peers.sites.length)).server;
  const options = {
    headers: { Authorization: `Bearer ${token}` },
    body: { option: random.pick(OPTIONS) },
  };
  for (let tries = 0; tries < MAX_TRIES; tries++) {
    const answer = await call(url, 'POST', path, options).catch(() => undefined);
    if (answer && answer.status < 300) return;
    if (answer && answer.status < 500 && answer.status !== 429) throw new Error(answer.text);
    await eventually(async () => {
      const ready = await call(url, 'GET', path, { headers: peers.headers });
      expect(ready.status).toBe(200);
    }, REST_MS);
  }
  throw new Error(`no answer to a vote at ${url}`);
}

/** Posts all votes; `killed` is called once when a share of them was posted. */
async function voteAll(tokens: readonly string[], killed: () => Promise<void>): Promise<void> {
  const left = shuffledMembers();
  const killAt = Math.floor(left.length * (1 - KILLED_AFTER));
  let killing: Promise<void> | undefined;
  const client = async (): Promise<void> => {
    for (let member = left.pop(); member !== undefined; member = left.pop()) {
      if (left.length === killAt) killing = killed();
      await vote(tokens[member] ?? '');
    }
  };
  await Promise.all(range(IN_FLIGHT).map(client));
  expect(killing).toBeDefined();
  await killing;
}

async function killDispatchers(): Promise<void> {
  const killed = peers.sites.flatMap(({ dispatchers }) => dispatchers.slice(0, 1));
  await Promise.all(killed.map((one) => one.end('SIGKILL')));
  await Promise.all(killed.map((one) => one.start()));
}

async function getAt(at: number) {
  const { headers } = peers;
  const answer = await call(peers.site(at).server.url, 'GET', path, { headers });
  return polled.parse(JSON.parse(answer.text));
}

/** The members and the votes of each option in the rows that both datacenters share. */
async function stored() {
  const type = types.getLogged('poll-votes');
  if (!type) throw new Error('there is no type poll-votes');
  const { cassandra } = peers.datacenters.addresses('dc1');
  const rows = await entriesOf(type, cassandra, channel);
  const options: Record<string, number> = {};
  for (const { body } of rows) {
    const { option } = z.object({ option: z.string() }).parse(body);
    options[option] = (options[option] ?? 0) + 1;
  }
  return { members: new Set(rows.map(({ memberId }) => memberId)).size, options };
}

/** Only the options with at least one vote. */
function some(options: Readonly<Record<string, number>>) {
  return Object.fromEntries(Object.entries(options).filter(([, votes]) => votes !== 0));
}

test(
  '2,000 members vote three times each in both datacenters, and 2,000 votes are counted',
  async () => {
    const tokens = await Promise.all(range(MEMBERS).map((at) => peers.tokenOf(`member-${at}`)));
    const watchers = peers.sites.flatMap(({ server }) =>
      range(WATCHERS_A_SITE).map(() => new VoteWatcher(server.url, channel, peers.token)),
    );
    try {
      await voteAll(tokens, killDispatchers);
      await eventually(async () => {
        const { members, options } = await stored();
        expect(members).toBe(MEMBERS);
        for (const at of peers.sites.keys()) {
          const got = await getAt(at);
          expect({ votes: got.votes, options: some(got.options) }).toEqual({
            votes: MEMBERS,
            options,
          });
        }
        for (const { shown } of watchers) {
          expect({ votes: shown?.votes, options: some(shown?.options ?? {}) }).toEqual({
            votes: MEMBERS,
            options,
          });
        }
      }, REST_MS);
    } finally {
      for (const watcher of watchers) watcher.close();
    }
  },
  TEST_MS,
);
