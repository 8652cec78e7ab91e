import { z } from 'zod';
import type { Update } from './delivery';
import { id } from './ids';
import { topicOf } from './partitions';
import { originState, type Vector } from './state';

/** The topic of a datacenter's updates for other datacenters. */
export const UPDATES_TOPIC = 'updates';

/** The topic of a generation's updates. */
export function updatesTopic(generation: number): string {
  return topicOf(UPDATES_TOPIC, generation);
}

/** The copy of a datacenter's topic in another one, as MirrorMaker names it. */
export function mirroredTopic(datacenter: string, topic: string = UPDATES_TOPIC): string {
  return `${datacenter}.${topic}`;
}

/** The datacenter of an origin: `dc1` of `dc1.1`. */
export function datacenterOf(origin: string): string {
  return origin.slice(0, origin.indexOf('.'));
}

/** An update of a channel for other datacenters, and the ids counted since the last one. */
export interface Publication {
  readonly update: Update;
  readonly counted: readonly string[];
}

/**
 * The value of an update's record; its key is the channel. `taken` has the ids that the origin
 * counted since its last update: by them, ids counted in two datacenters are found. There is no
 * state if only an earlier log of the datacenter has counted likes of the channel.
 */
export const peerUpdate = z.object({
  origin: z.string().max(80),
  state: originState.optional(),
  t: z.int(),
  taken: z.array(id).optional(),
});

/** An update of another datacenter. */
export interface PeerUpdate extends Update {
  readonly origin: string;
  readonly countedIds: readonly string[];
  /** Whether an owner here has applied it before; a new owner still needs its ids and state. */
  readonly isReplay: boolean;
}

/** The record's value, with the state of `origin`; undefined if it has neither state nor ids. */
export function encodePeerUpdate(
  { t, vector }: Update,
  origin: string,
  countedIds: readonly string[] = [],
): string | undefined {
  const state = vector[origin];
  if (!state && countedIds.length === 0) return undefined;
  return JSON.stringify({ origin, state, t, ...(countedIds.length > 0 && { taken: countedIds }) });
}

/** Parses a record's value. Throws if it is not valid. */
export function parsePeerUpdate(channel: string, value: string, isReplay: boolean): PeerUpdate {
  const { origin, state, t, taken: countedIds = [] } = peerUpdate.parse(JSON.parse(value));
  const vector: Vector = state ? { [origin]: state } : {};
  return { channel, vector, t, origin, countedIds, isReplay };
}
