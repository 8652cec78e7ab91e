import {
  idsByShard,
  MAX_REQUEST_BYTES,
  MAX_REQUEST_IDS,
  rowsByShard,
} from '../../../adapters/cassandra/row-requests';
import { SHARDS, shardOf } from '../../../adapters/cassandra/shards';
import type { StoredEntry } from '../../../adapters/row-store';
import { likes } from '../../../schemas/likes';
import { Seeded } from '../../simulation/seeded';

const START_MS = Math.floor(1_700_000_000_000 / 256) * 256;
const { entropy } = new Seeded(1);
/** Requests with equal bodies may share one object. */
const BODY = { reaction: 'like' };

/** Ids of one shard. */
function timedIds(count: number): string[] {
  return Array.from({ length: count }, () => entropy.timedId(START_MS));
}

function like(id: string, change: Partial<StoredEntry> = {}): StoredEntry {
  return { id, memberId: 'ann', at: START_MS, body: BODY, offset: 7, ...change };
}

describe('rowsByShard', () => {
  it('puts the likes of one request into one statement of one request', () => {
    const ids = timedIds(50);
    const entries = ids.map((id) => like(id));
    const [first] = entries;
    const rows = [{ entry: first, columns: ['like'], ids }];
    expect(rowsByShard(likes, entries)).toMatchObject([{ shard: shardOf(ids[0] ?? ''), rows }]);
  });

  it('puts equal bodies that are different objects into one statement', () => {
    const ids = timedIds(3);
    const requests = rowsByShard(
      likes,
      ids.map((id) => like(id, { body: { ...BODY } })),
    );
    expect(requests.map(({ rows }) => rows.map((equal) => equal.ids))).toEqual([[ids]]);
  });

  it.each<[string, Partial<StoredEntry>]>([
    ['offset', { offset: 8 }],
    ['member', { memberId: 'bob' }],
    ['time', { at: START_MS + 1 }],
    ['body', { body: { reaction: 'love' } }],
  ])('gives a row with another %s a statement of its own in that request', (_, change) => {
    const [one = '', two = '', three = ''] = timedIds(3);
    const entries = [like(one), like(two, change), like(three)];
    const [request, ...others] = rowsByShard(likes, entries);
    expect(others).toEqual([]);
    expect(request?.rows.map(({ ids }) => ids)).toEqual([[one, three], [two]]);
    expect(request?.rows[1]?.entry).toBe(entries[1]);
  });

  it('writes each of any ids once, a shard in one request', () => {
    const ids = Array.from({ length: 5_000 }, (_, at) => `id-${at}`);
    const requests = rowsByShard(
      likes,
      ids.map((id, offset) => like(id, { offset })),
    );
    expect(requests.length).toBeLessThanOrEqual(SHARDS);
    const written = requests.flatMap(({ rows, shard }) =>
      rows.flatMap((equal) => equal.ids.map((id) => ({ id, shard }))),
    );
    expect(written.map(({ id }) => id).sort()).toEqual([...ids].sort());
    for (const { id, shard } of written) expect(shard).toBe(shardOf(id));
  });

  it('keeps requests below the bytes that Cassandra refuses in batches', () => {
    const memberId = 'm'.repeat(64);
    const ids = timedIds(2_000);
    const requests = rowsByShard(
      likes,
      ids.map((id, offset) => like(id, { memberId, offset })),
    );
    const sizes = requests.map(({ rows }) => rows.length);
    expect(sizes.reduce((sum, size) => sum + size, 0)).toBe(2_000);
    for (const { rows } of requests) expect(bytesOf(rows)).toBeLessThan(50 * 1024);
    // All but the last are full.
    for (const size of sizes.slice(0, -1)) expect(size).toBeGreaterThan(MAX_REQUEST_BYTES / 256);
  });

  it('gives a row that is larger than a request may be one of its own', () => {
    const [one = '', two = '', three = ''] = timedIds(3);
    const large = { body: { reaction: 'x'.repeat(MAX_REQUEST_BYTES) } };
    const requests = rowsByShard(likes, [like(one), like(two, large), like(three)]);
    const ids = requests.map(({ rows }) => rows.flatMap((equal) => equal.ids));
    expect(ids).toEqual([[one], [two], [three]]);
  });
});

describe('idsByShard', () => {
  it('splits the ids of a shard into as few groups as may be', () => {
    const ids = timedIds(MAX_REQUEST_IDS * 2 + 1);
    const groups = idsByShard(ids);
    expect(groups.map((group) => group.ids.length)).toEqual([MAX_REQUEST_IDS, MAX_REQUEST_IDS, 1]);
    expect(groups.flatMap((group) => group.ids)).toEqual(ids);
  });

  it('separates ids of different shards', () => {
    const ids = Array.from({ length: 300 }, (_, at) => `id-${at}`);
    const groups = idsByShard(ids);
    for (const { ids: of, shard } of groups) for (const id of of) expect(shardOf(id)).toBe(shard);
    expect(groups.flatMap((group) => group.ids).sort()).toEqual([...ids].sort());
  });
});

/** What Cassandra counts of the rows, without its overhead. */
function bytesOf(
  rows: readonly { readonly entry: StoredEntry; readonly ids: readonly string[] }[],
) {
  return rows.reduce((sum, { entry, ids }) => {
    const copy = JSON.stringify([entry.offset, entry.at, entry.memberId, entry.body]).length;
    return sum + ids.reduce((of, id) => of + id.length + copy, 0);
  }, 0);
}
