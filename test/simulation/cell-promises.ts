import type { LoggedType } from '../../schemas/event-type';
import type { LatestView } from '../../schemas/policies/latest';
import { compareMessageIds } from '../../schemas/receipts';
import { mergeVectors, toVector, type Vector } from '../../schemas/state';
import type { Crowd } from './crowd';
import type { Datacenters } from './datacenters';
import { CONVERSATION } from './people';
import type { Put } from './talk';
import { ATTRIBUTES, RECEIPTS, simulatedPartitionOf, TYPES, topicOf } from './types';
import { channelOf, feedOf, VIDEOS } from './videos';
import type { World } from './world';

type Values = ReadonlyMap<string, unknown>;

/** Checks receipts and attributes at rest: all datacenters and viewers have the same values. */
export async function wrongCells(all: Datacenters, crowd: Crowd): Promise<string[]> {
  const wrong = await wrongFeed(RECEIPTS, CONVERSATION, all, crowd, wrongReceipts);
  for (const channel of VIDEOS.map(channelOf)) {
    const puts = crowd.talk.puts.filter((put) => put.channel === channel);
    const kept = puts.map((put) => firstPlaceOf(put, all));
    const check = (values: Values, vector: Vector) => wrongAttributes(kept, values, vector, crowd);
    wrong.push(...(await wrongFeed(ATTRIBUTES, channel, all, crowd, check)));
  }
  return wrong;
}

async function wrongFeed(
  type: LoggedType,
  channel: string,
  all: Datacenters,
  crowd: Crowd,
  check: (values: Values, vector: Vector, crowd: Crowd) => string[],
): Promise<string[]> {
  const feed = feedOf(channel, type.name);
  const wrong: string[] = [];
  let first: string | undefined;
  for (const world of all.worlds) {
    const vector = await vectorAt(world, type, channel);
    const values = valuesIn(type, vector);
    first ??= text(values);
    if (text(values) !== first) wrong.push(`${world.name} has ${text(values)}, dc1 ${first}`);
    wrong.push(...check(values, vector, crowd));
    if (world === all.first) wrong.push(...wrongViewers(type, channel, values, crowd));
  }
  return wrong.map((what) => `${feed}: ${what}`);
}

async function vectorAt({ servers }: World, type: LoggedType, channel: string): Promise<Vector> {
  const saved = toVector(await servers.states.load([channel], type.name));
  const cached = (await servers.cache.get([channel])).get(channel)?.[type.name] ?? {};
  return mergeVectors(TYPES.mergeOf(type.name), saved, cached);
}

/** The values by key; those that were removed are left out. */
function valuesIn({ policy }: LoggedType, vector: Vector): Values {
  const { cells } = policy.view(vector) as LatestView;
  const live = cells.filter(({ value }) => value !== null);
  return new Map(live.map(({ key, value }) => [key, value]));
}

/** Each member's receipt is the greatest one that was answered, or a greater one without answer. */
function wrongReceipts(values: Values, _: Vector, crowd: Crowd): string[] {
  const wrong: string[] = [];
  for (const [member, { greatest, posted }] of crowd.talk.receipts) {
    const value = String(values.get(member) ?? '');
    if (compareMessageIds(value, greatest) < 0) {
      wrong.push(`${member} has read ${value}, and ${greatest} was answered`);
    }
    if (value !== '' && !posted.has(value)) wrong.push(`${member} has not read ${value}`);
  }
  return wrong;
}

/** Each log has its last value of each name, and the value was sent. */
function wrongAttributes(
  puts: readonly Put[],
  values: Values,
  vector: Vector,
  crowd: Crowd,
): string[] {
  const { values: sent } = crowd.talk;
  const wrong: string[] = [];
  for (const { name, place, value } of puts) {
    const { cells } = (vector[place.origin]?.state ?? { cells: [] }) as LatestView;
    const cell = cells.find(({ key }) => key === name);
    const version = cell?.version ?? -1;
    if (version < place.offset) wrong.push(`${name} lacks ${place.origin}@${place.offset}`);
    if (version === place.offset && cell && text(cell.value) !== text(value)) {
      wrong.push(`${name} is ${text(cell.value)} at ${place.origin}@${place.offset}`);
    }
  }
  const unknown = [...values].filter(([, value]) => !sent.has(JSON.stringify(value)));
  return [...wrong, ...unknown.map(([name, value]) => `${name} is ${value}, which was not sent`)];
}

/**
 * The place of the first copy of a value in its log, which alone counts. A producer appends another
 * one if it gets no answer to the first, and answers with that one's place.
 */
function firstPlaceOf(put: Put, { worlds }: Datacenters): Put {
  const { channel, id, place } = put;
  const world = worlds.find(({ origin }) => origin === place.origin);
  const partition = simulatedPartitionOf(channel);
  const topic = topicOf(ATTRIBUTES.name);
  const before = world?.servers.log.everything(topic, partition, place.offset);
  const first = before?.find(({ value }) => value.includes(JSON.stringify(id)));
  return first ? { ...put, place: { ...place, offset: first.offset } } : put;
}

function wrongViewers(type: LoggedType, channel: string, values: Values, crowd: Crowd): string[] {
  const wrong: string[] = [];
  for (const [at, viewer] of crowd.viewers.entries()) {
    const { cells } = viewer.feeds;
    if (viewer.isAway || !viewer.watches(channel)) continue;
    if (!cells.isAsked(type.name)) continue;
    const shown = cells.shown.get(feedOf(channel, type.name));
    // A member's own receipts are in snapshots alone.
    const own = type === RECEIPTS ? viewer.memberId : undefined;
    const without = (of: Values): Values => new Map([...of].filter(([key]) => key !== own));
    if (!shown) wrong.push(`viewer-${at} was sent nothing`);
    else if (text(without(shown)) !== text(without(values))) {
      wrong.push(`viewer-${at} was sent ${text(without(shown))}, not ${text(without(values))}`);
    }
  }
  return wrong;
}

function text(value: unknown): string {
  return JSON.stringify(value instanceof Map ? [...value].sort() : value);
}
