import { z } from 'zod';
import type { Update } from './delivery';
import { originState, type Vector } from './state';

/** Where a datacenter tells the others what its own log has made of its channels. */
export const BROADCAST_TOPIC = 'updates';

/** Where that stands in another datacenter, as MirrorMaker names it. */
export function mirroredTopic(datacenter: string): string {
  return `${datacenter}.${BROADCAST_TOPIC}`;
}

/** One origin's state of a channel, on its way to other datacenters; the record's key is the channel. */
export const broadcast = z.object({
  origin: z.string().max(80),
  state: originState,
  t: z.int(),
});

/** The record's value for what an origin's own log has made of a channel; undefined for nothing. */
export function broadcastOf({ t, vector }: Update, origin: string): string | undefined {
  const state = vector[origin];
  return state && JSON.stringify({ origin, state, t } satisfies z.infer<typeof broadcast>);
}

/** The update that a record tells of. Throws for a record that is not one. */
export function updateFrom(channel: string, value: string): Update {
  const { origin, state, t } = broadcast.parse(JSON.parse(value));
  const vector: Vector = { [origin]: state };
  return { channel, vector, t };
}
