import type { LoggedType } from '../../schemas/event-type';
import { type Counts, sumOf } from '../../schemas/policies/counter';
import { isPeer } from '../../schemas/report';
import { mergeVectors, toVector, type Vector } from '../../schemas/state';
import { wrongCells } from './cell-promises';
import { wrongComments } from './comment-promises';
import type { Crowd } from './crowd';
import type { Datacenters } from './datacenters';
import { ALL_CHANNELS } from './people';
import { settle } from './settle';
import { COUNTED, TYPES } from './types';
import { channelOf, feedOf, VIDEOS } from './videos';
import type { World } from './world';

/** The rows of one feed, and its counts by key. */
interface Feed {
  readonly type: LoggedType;
  readonly channel: string;
  readonly counts: Counts;
}

/**
 * Checks the promise at rest: for each type, the last event of each viewer, the answer of a GET,
 * the saved states and the rows have equal counts of each key, every answered entry has a row, and
 * of a type whose ids are the members' each member has one. Viewers who have just opened a stream
 * may not have its events yet.
 */
export async function brokenPromises(all: Datacenters, crowd: Crowd): Promise<string[]> {
  const wrong = await brokenNow(all, crowd);
  if (wrong.length === 0) return wrong;
  await settle(all, crowd);
  return brokenNow(all, crowd);
}

async function brokenNow(all: Datacenters, crowd: Crowd): Promise<string[]> {
  const wrong: string[] = [];
  for (const channel of VIDEOS.map(channelOf)) {
    for (const type of COUNTED) wrong.push(...(await wrongFeed(type, channel, all, crowd)));
  }
  wrong.push(...(await wrongComments(all, crowd)), ...(await wrongCells(all, crowd)));
  return wrong;
}

async function wrongFeed(
  type: LoggedType,
  channel: string,
  all: Datacenters,
  crowd: Crowd,
): Promise<string[]> {
  const rows = await all.first.servers.entries(type, channel);
  const feed = { type, channel, counts: countsOfRows(type, rows) };
  const wrong = await wrongReplicas(feed, all);
  wrong.push(...missingRows(feed, new Set(rows.map(({ id }) => id)), crowd));
  wrong.push(...membersWithSeveral(feed, rows));
  for (const world of all.worlds) wrong.push(...(await wrongStates(feed, world)));
  wrong.push(...wrongViewers(feed, crowd));
  return wrong;
}

async function wrongReplicas({ channel, counts, type }: Feed, all: Datacenters): Promise<string[]> {
  const wrong: string[] = [];
  for (const { name, servers } of all.worlds) {
    const theirs = text(countsOfRows(type, await servers.entries(type, channel)));
    if (theirs === text(counts)) continue;
    wrong.push(`${feedOf(channel, type.name)}: ${name} stored ${theirs}, dc1 ${text(counts)}`);
  }
  return wrong;
}

function missingRows({ channel, type }: Feed, ids: ReadonlySet<string>, crowd: Crowd): string[] {
  const feed = feedOf(channel, type.name);
  const answered = crowd.clients.answered.get(feed) ?? [];
  const missing = [...answered].filter((id) => !ids.has(id));
  return missing.length > 0 ? [`${feed}: ${missing.length} answered and not stored`] : [];
}

function membersWithSeveral(
  { channel, type }: Feed,
  rows: readonly { readonly memberId: string }[],
): string[] {
  const members = new Set(rows.map(({ memberId }) => memberId)).size;
  if (type.idFrom !== 'member' || members === rows.length) return [];
  return [`${feedOf(channel, type.name)}: ${members} members have ${rows.length} rows`];
}

async function wrongStates({ channel, counts, type }: Feed, world: World): Promise<string[]> {
  const { cache, states } = world.servers;
  const feed = feedOf(channel, type.name);
  const saved = toVector(await states.load([channel], type.name));
  const cached = (await cache.get([channel])).get(channel)?.[type.name] ?? {};
  const counted = text(countsOf(type, saved));
  const ofGet = text(countsOf(type, mergeVectors(TYPES.mergeOf(type.name), saved, cached)));
  const stored = text(counts);
  return [
    ...(counted === stored ? [] : [`${feed}: ${world.name} counted ${counted}, stored ${stored}`]),
    ...(ofGet === stored ? [] : [`${feed}: GET at ${world.name} gives ${ofGet}, stored ${stored}`]),
  ];
}

/** The leases and memberships of exactly the workers that live. */
export async function wrongLeases({ worlds }: Datacenters): Promise<string[]> {
  const wrong: string[] = [];
  for (const world of worlds) wrong.push(...(await wrongLeasesOf(world)));
  return wrong;
}

async function wrongLeasesOf({ frontends, name, servers }: World): Promise<string[]> {
  const live = new Set(frontends.map(({ worker }) => worker.id));
  const ids = (await servers.leases.all()).map(({ worker }) => worker.id);
  const leased = new Set(ids.filter((id) => !isPeer(id)));
  const watching = new Set((await servers.directory.watchers(ALL_CHANNELS)).flat());
  const dead = [...new Set([...leased, ...watching])].filter((id) => !live.has(id));
  const missing = [...live].filter((id) => !leased.has(id));
  return [
    ...(dead.length > 0 ? [`the directory of ${name} has ${dead.length} dead workers`] : []),
    ...(missing.length > 0 ? [`the directory of ${name} lacks ${missing.length} workers`] : []),
  ];
}

function wrongViewers({ channel, counts, type }: Feed, crowd: Crowd): string[] {
  const wrong: string[] = [];
  const feed = feedOf(channel, type.name);
  for (const [at, viewer] of crowd.viewers.entries()) {
    if (viewer.isAway || !viewer.feeds.asked.includes(feed)) continue;
    const shown = viewer.feeds.shown.get(feed);
    if (!shown) wrong.push(`viewer-${at} was sent nothing of ${feed}`);
    else if (text(shown.counts) !== text(counts)) {
      wrong.push(`viewer-${at} was sent ${text(shown.counts)} of ${feed}, stored ${text(counts)}`);
    }
  }
  return wrong;
}

/** The counts by key; the key of an entry is what a cancel of it needs. */
function countsOfRows(type: LoggedType, rows: readonly { readonly body: unknown }[]): Counts {
  return sumOf(rows.map(({ body }) => ({ [type.policy.undoKey(body)]: 1 })));
}

function countsOf(type: LoggedType, vector: Vector): Counts {
  return sumOf(Object.values(vector).map(({ state }) => countsIn(type, state)));
}

function countsIn(type: LoggedType, state: unknown): Counts {
  return type.policy.state.parse(state) as Counts;
}

function text(counts: Counts): string {
  const some = Object.entries(counts).filter(([, count]) => count !== 0);
  return JSON.stringify(some.sort());
}
