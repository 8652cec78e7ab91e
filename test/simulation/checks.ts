import { type Counts, counter } from '../../schemas/policies/counter';
import { countsOf, mergeVectors, toVector } from '../../schemas/state';
import type { Crowd } from './crowd';
import type { Datacenters } from './datacenters';
import { channelOf, VIDEOS } from './videos';
import type { World } from './world';

/**
 * Checks the promise at rest: the last event of each viewer, the answer of a GET, the saved states
 * and the rows have equal counts of each reaction, and every answered like has a row.
 */
export async function brokenPromises(all: Datacenters, crowd: Crowd): Promise<string[]> {
  const wrong: string[] = [];
  for (const channel of VIDEOS.map(channelOf)) {
    const rows = all.first.servers.rows(channel);
    wrong.push(...wrongReplicas(channel, countsOfRows(rows), all));
    wrong.push(...missingRows(channel, new Set(rows.map(({ likeId }) => likeId)), crowd));
    const counts = countsOfRows(rows);
    for (const world of all.worlds) wrong.push(...(await wrongStates(channel, counts, world)));
    wrong.push(...wrongViewers(channel, counts, crowd));
  }
  for (const world of all.worlds) wrong.push(...(await wrongLeases(world)));
  for (const [at, viewer] of crowd.viewers.entries()) {
    if (viewer.totals.size === 0) wrong.push(`viewer-${at} was sent nothing`);
  }
  return wrong;
}

function wrongReplicas(channel: string, counts: Counts, all: Datacenters): string[] {
  const others = all.worlds.map(({ name, servers }) => ({ name, rows: servers.rows(channel) }));
  return others
    .filter(({ rows }) => text(countsOfRows(rows)) !== text(counts))
    .map(({ name, rows }) => {
      return `${channel}: ${name} stored ${text(countsOfRows(rows))}, dc1 ${text(counts)}`;
    });
}

function missingRows(channel: string, ids: ReadonlySet<string>, crowd: Crowd): string[] {
  const missing = [...(crowd.answered.get(channel) ?? [])].filter((id) => !ids.has(id));
  return missing.length > 0 ? [`${channel}: ${missing.length} answered and not stored`] : [];
}

async function wrongStates(channel: string, counts: Counts, world: World): Promise<string[]> {
  const { cache, states } = world.servers;
  const saved = toVector(await states.load([channel]));
  const cached = (await cache.get([channel])).get(channel) ?? {};
  const ofGet = countsOf(mergeVectors(saved, cached));
  const wrong: string[] = [];
  if (text(countsOf(saved)) !== text(counts)) {
    wrong.push(
      `${channel}: ${world.name} counted ${text(countsOf(saved))}, stored ${text(counts)}`,
    );
  }
  if (text(ofGet) !== text(counts)) {
    wrong.push(`${channel}: GET at ${world.name} gives ${text(ofGet)}, stored ${text(counts)}`);
  }
  return wrong;
}

/** The leases and memberships of exactly the workers that live. */
async function wrongLeases({ frontends, name, servers }: World): Promise<string[]> {
  const live = new Set(frontends.map(({ worker }) => worker.id));
  const leased = new Set((await servers.leases.all()).map(({ worker }) => worker.id));
  const watching = new Set((await servers.directory.watchers(VIDEOS.map(channelOf))).flat());
  const dead = [...new Set([...leased, ...watching])].filter((id) => !live.has(id));
  const missing = [...live].filter((id) => !leased.has(id));
  return [
    ...(dead.length > 0 ? [`the directory of ${name} has ${dead.length} dead workers`] : []),
    ...(missing.length > 0 ? [`the directory of ${name} lacks ${missing.length} workers`] : []),
  ];
}

function wrongViewers(channel: string, counts: Counts, crowd: Crowd): string[] {
  const wrong: string[] = [];
  for (const [at, { reactions, totals }] of crowd.viewers.entries()) {
    const shown = totals.get(channel);
    if (shown === undefined) continue;
    if (shown !== counter.total(counts)) {
      wrong.push(`viewer-${at} was sent ${shown} of ${channel}, stored are ${text(counts)}`);
    } else if (text(reactions.get(channel) ?? {}) !== text(counts)) {
      wrong.push(`viewer-${at} was sent ${text(reactions.get(channel) ?? {})} of ${channel}`);
    }
  }
  return wrong;
}

function countsOfRows(rows: readonly { reaction: string }[]): Counts {
  return rows.reduce((sum, { reaction }) => counter.fold(sum, reaction), counter.empty);
}

function text(counts: Counts): string {
  const some = Object.entries(counts).filter(([, count]) => count !== 0);
  return JSON.stringify(some.sort());
}
