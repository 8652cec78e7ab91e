import { z } from 'zod';
import { LikestreamError } from './errors';
import { eventType, type LoggedType } from './event-type';
import { id } from './ids';
import { bytesOf, type Cell, type Cells, type OriginCell } from './policies/cells';
import { type LatestView, latest } from './policies/latest';

/** The largest value, bytes of JSON. */
export const MAX_VALUE_BYTES = 4 * 1024;

/** The most names that have a value, and the bytes of these names and values together. */
export const MAX_LIVE_NAMES = 64;
export const MAX_LIVE_BYTES = 16 * 1024;

/** The most names of a video, removed ones included: a removal must stay known. */
export const MAX_NAMES = 256;

/**
 * Producers keep the bounds above, each by the newest states that it knows. The fold of one log
 * keeps these, which only producers that write at the same time can reach.
 */
export const MAX_LOG_NAMES = 2 * MAX_NAMES;
export const MAX_LOG_BYTES = 2 * MAX_LIVE_BYTES;

export interface AttributeBody {
  readonly name: string;
  /** Any JSON; null removes the attribute. */
  readonly value: unknown;
  /** The greatest stamp of the name that the producer knew. */
  readonly stamp: number;
}

/** Values of a video that a backend publishes by name, as a score or a title. */
export const attributes: LoggedType<AttributeBody, Cells, LatestView> = eventType({
  name: 'attributes',
  channelKind: 'video',
  idName: 'attributeId',
  idFrom: 'server',
  body: z.object({ name: id, value: z.unknown(), stamp: z.int().nonnegative() }),
  columns: {},
  rows: 'none',
  call: 'put-by-name',
  right: 'publish',
  exact: false,
  maxPerRequest: 1,
  sharesRecords: false,
  policy: latest<AttributeBody>({
    event: 'attribute',
    field: 'attributes',
    cellOf: ({ body: { name, stamp, value = null } }, before) => {
      return { key: name, stamp: Math.max(before(name)?.stamp ?? 0, stamp) + 1, value };
    },
    compare: (one, other) => one.stamp - other.stamp,
    bounded: (after, before) => (fitsLog(after) ? after : before),
    admit({ cells }, { body }) {
      const { name, value } = body;
      const stamp = cells.find(({ key }) => key === name)?.stamp ?? 0;
      requireRoom(
        cells.filter(({ key }) => key !== name),
        { key: name, value },
      );
      return { body: { name, value, stamp } };
    },
    shapes: {
      data: z.object({ name: id, value: z.unknown() }),
      snapshot: z.record(id, z.unknown()),
    },
    dataOf: ({ key, value }) => ({ name: key, value }),
    snapshotOf: snapshotOf,
    maxNews: MAX_NAMES,
  }),
});

/** Throws unless a cell fits beside the others. A removal needs no room for a value. */
function requireRoom(others: readonly Cell[], cell: Pick<Cell, 'key' | 'value'>): void {
  if (others.length >= MAX_NAMES) {
    throw new LikestreamError('too_many_names', `at most ${MAX_NAMES}, removed ones included`);
  }
  if (cell.value === null) return;
  if (Buffer.byteLength(JSON.stringify(cell.value)) > MAX_VALUE_BYTES) {
    throw new LikestreamError('too_large', `a value has at most ${MAX_VALUE_BYTES} bytes of JSON`);
  }
  const live = others.filter(isLive);
  if (live.length >= MAX_LIVE_NAMES) {
    throw new LikestreamError('too_large', `at most ${MAX_LIVE_NAMES} names have a value`);
  }
  if (liveBytes(live) + bytesOf(cell) > MAX_LIVE_BYTES) {
    throw new LikestreamError('too_large', `all values have at most ${MAX_LIVE_BYTES} bytes`);
  }
}

function fitsLog(state: Cells): boolean {
  return state.cells.length <= MAX_LOG_NAMES && liveBytes(state.cells) <= MAX_LOG_BYTES;
}

function liveBytes(cells: readonly Cell[]): number {
  return cells.filter(isLive).reduce((sum, cell) => sum + bytesOf(cell), 0);
}

function isLive({ value }: Cell): boolean {
  return value !== null;
}

/** The values by name; of more than `MAX_LIVE_BYTES` the first ones in the order of names. */
function snapshotOf(cells: readonly OriginCell[]): object {
  const live = cells.filter(isLive).sort((one, other) => (one.key < other.key ? -1 : 1));
  let bytes = 0;
  const shown = live.filter((cell) => {
    bytes += bytesOf(cell);
    return bytes <= MAX_LIVE_BYTES;
  });
  // `fromEntries` makes fields of their own, also with names that objects inherit.
  return Object.fromEntries(shown.map(({ key, value }) => [key, value]));
}
