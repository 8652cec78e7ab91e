import { z } from 'zod';
import type { Update } from './delivery';
import { id } from './ids';
import { reaction } from './likes';
import { originState, type Vector } from './state';
import { topicOf } from './topics';

/** Where a datacenter tells the others what its own log has made of its channels. */
export const BROADCAST_TOPIC = 'updates';

/** The topic of a generation's updates. */
export function updatesTopic(generation: number): string {
  return topicOf(BROADCAST_TOPIC, generation);
}

/** The copy of a datacenter's topic in another one, as MirrorMaker names it. */
export function mirroredTopic(datacenter: string, topic: string = BROADCAST_TOPIC): string {
  return `${datacenter}.${topic}`;
}

/** The datacenter of an origin: `dc1` of `dc1.1`. */
export function datacenterOf(origin: string): string {
  return origin.slice(0, origin.indexOf('.'));
}

/** A like that our log has counted, by its id and its reaction. */
export interface CountedLike {
  readonly reaction: string;
  readonly likeId: string;
}

/** An update of a channel for other datacenters: its state, and the likes counted since. */
export interface Publication {
  readonly update: Update;
  readonly counted: readonly CountedLike[];
}

/** Ids of likes by reaction. */
export type IdsByReaction = Readonly<Record<string, readonly string[]>>;

/**
 * One origin's state of a channel, on its way to other datacenters, and the ids of the likes that it
 * counted since it last told, so that an id taken in two is found; the record's key is the channel.
 */
export const broadcast = z.object({
  origin: z.string().max(80),
  state: originState,
  t: z.int(),
  taken: z.record(reaction, z.array(id)).optional(),
});

/** What another datacenter told of a channel. */
export interface Told extends Update {
  readonly origin: string;
  readonly taken: IdsByReaction;
  /** Whether an owner here has made of it what there was to make: a new owner learns its ids. */
  readonly isAgain: boolean;
}

/** The record's value for what an origin's own log has made of a channel; undefined for nothing. */
export function broadcastOf(
  { t, vector }: Update,
  origin: string,
  taken: IdsByReaction = {},
): string | undefined {
  const state = vector[origin];
  const ids = Object.keys(taken).length > 0 && { taken };
  return state && JSON.stringify({ origin, state, t, ...ids });
}

/** What the record tells. Throws for a record that is not one. */
export function toldIn(channel: string, value: string, isAgain: boolean): Told {
  const { origin, state, t, taken = {} } = broadcast.parse(JSON.parse(value));
  const vector: Vector = { [origin]: state };
  return { channel, vector, t, origin, taken, isAgain };
}
