import { z } from 'zod';
import type { Update } from './delivery';
import type { EventTypes } from './event-types';
import { id } from './ids';
import { type Vector, versioned } from './state';

/** An update of a feed for other datacenters, with the ids counted and deleted since the last. */
export interface Publication {
  readonly update: Update;
  readonly counted: readonly string[];
  readonly deleted?: readonly string[] | undefined;
}

/**
 * The value of an update's record; its key is the channel, and its topic names the event type.
 * `ids` has the ids that the origin counted since its last update: by them, ids counted in two
 * datacenters are found. `deleted` has the ids that its log deleted since then: the state may have
 * evicted their deletions. There is no state if only an earlier log of the datacenter has counted
 * entries of the channel.
 */
const peerUpdate = z.object({
  origin: z.string().max(100),
  state: versioned.optional(),
  t: z.int(),
  ids: z.array(id).optional(),
  deleted: z.array(id).optional(),
});

/** An update of another datacenter. */
export interface PeerUpdate extends Update {
  readonly origin: string;
  readonly countedIds: readonly string[];
  readonly deletedIds?: readonly string[] | undefined;
  /** Whether an owner here has applied it before; a new owner still needs its ids and state. */
  readonly isReplay: boolean;
}

/** The record's value, with the state of `origin`; undefined if it has neither state nor ids. */
export function encodePeerUpdate(
  { t, vector }: Pick<Update, 't' | 'vector'>,
  origin: string,
  countedIds: readonly string[] = [],
  deletedIds: readonly string[] = [],
): string | undefined {
  const state = vector[origin];
  if (!state && countedIds.length + deletedIds.length === 0) return undefined;
  const ids = countedIds.length > 0 ? countedIds : undefined;
  const deleted = deletedIds.length > 0 ? deletedIds : undefined;
  return JSON.stringify({ origin, state, t, ids, deleted });
}

/** Parses the value of a record of a type's updates. Throws if it is not valid. */
export function parsePeerUpdate(
  types: EventTypes,
  { channel, isReplay, type }: Pick<PeerUpdate, 'channel' | 'isReplay' | 'type'>,
  value: string,
): PeerUpdate {
  const { deleted, origin, state, t, ids = [] } = peerUpdate.parse(JSON.parse(value));
  const given: Vector = state ? { [origin]: state } : {};
  const vector = types.parseVector(type, given);
  const deletedIds = deleted && { deletedIds: deleted };
  return { channel, type, vector, t, origin, countedIds: ids, ...deletedIds, isReplay };
}
