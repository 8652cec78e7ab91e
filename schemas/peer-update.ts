import { z } from 'zod';
import type { Update } from './delivery';
import { id } from './ids';
import { topicOf } from './partitions';
import { originState, type Vector } from './state';

/** Where a datacenter tells the others what its own log has made of its channels. */
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

/** An update of a channel for other datacenters: its state, and the ids counted since. */
export interface Publication {
  readonly update: Update;
  readonly counted: readonly string[];
}

/**
 * One origin's state of a channel, on its way to other datacenters, and the ids of the likes that it
 * counted since it last told, so that an id taken in two is found; the record's key is the channel.
 * There is no state if only an earlier log of the datacenter has counted likes of the channel.
 */
export const peerUpdate = z.object({
  origin: z.string().max(80),
  state: originState.optional(),
  t: z.int(),
  taken: z.array(id).optional(),
});

/** What another datacenter told of a channel. */
export interface PeerUpdate extends Update {
  readonly origin: string;
  readonly countedIds: readonly string[];
  /** Whether an owner here has made of it what there was to make: a new owner learns its ids. */
  readonly isReplay: boolean;
}

/** The record's value for what an origin's own log has made of a channel; undefined for nothing. */
export function encodePeerUpdate(
  { t, vector }: Update,
  origin: string,
  taken: readonly string[] = [],
): string | undefined {
  const state = vector[origin];
  if (!state && taken.length === 0) return undefined;
  return JSON.stringify({ origin, state, t, ...(taken.length > 0 && { taken }) });
}

/** What the record tells. Throws for a record that is not one. */
export function parsePeerUpdate(channel: string, value: string, isAgain: boolean): PeerUpdate {
  const { origin, state, t, taken = [] } = peerUpdate.parse(JSON.parse(value));
  const vector: Vector = state ? { [origin]: state } : {};
  return { channel, vector, t, origin, countedIds: taken, isReplay: isAgain };
}
