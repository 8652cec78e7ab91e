import { join } from 'node:path';
import { open } from 'lmdb';
import { z } from 'zod';
import { RowBlock } from '../../adapters/embedded/blocks/row-block';
import { idIn } from '../../schemas/channels';
import { loggedEntries } from './log-entries';

const ownRow = z.tuple([z.string(), z.int(), z.int(), z.string()]);
const block = z.instanceof(Buffer);

interface StoredRow {
  readonly channel: string;
  readonly id: string;
  readonly memberId: string;
  readonly at: number;
  readonly body: unknown;
}

const likeBody = z.object({ reaction: z.string() });

/** A row of a like. */
export interface LikeRow extends z.infer<typeof likeBody> {
  readonly likeId: string;
  readonly videoId: string;
  readonly memberId: string;
  readonly at: number;
}

/**
 * The rows of a type in a channel, or in all channels, as a look-up finds them: from the database
 * file, and from the log while they are not written there yet.
 */
export async function entriesIn(
  dataDir: string,
  type: string,
  channel?: string,
): Promise<StoredRow[]> {
  const rows = new Map<string, StoredRow & { offset: number }>();
  // First the log: what is trimmed there is in the database before.
  const logged = loggedEntries(dataDir, type);
  for (const row of [...(await storedIn(dataDir, type)), ...logged]) {
    const name = `${row.channel}/${row.id}`;
    const first = rows.get(name);
    if (!first || row.offset < first.offset) rows.set(name, row);
  }
  return [...rows.values()].filter((row) => channel === undefined || row.channel === channel);
}

async function storedIn(dataDir: string, type: string) {
  const path = join(dataDir, 'db');
  const database = open<unknown, string>({ path, encoding: 'msgpack', readOnly: true });
  const under = (start: string) => [...database.getRange({ start, end: `${start}~` })];
  try {
    const packed = under(`blocks/${type}/`).flatMap(({ value }) => {
      return new RowBlock(block.parse(value)).rows();
    });
    const others = under(`rows/${type}/`).map(({ key, value }) => {
      const [memberId, at, offset, body] = ownRow.parse(value);
      const [, , id = '', channel = ''] = key.split('/');
      return { channel, id, memberId, at, offset, body };
    });
    return [...packed, ...others].map((row) => ({ ...row, body: JSON.parse(row.body) as unknown }));
  } finally {
    await database.close();
  }
}

/** The rows of a video's likes, or of all videos, read from the database file. */
export async function rowsIn(dataDir: string, videoId?: string): Promise<LikeRow[]> {
  const channel = videoId === undefined ? undefined : `video:${videoId}`;
  const rows = await entriesIn(dataDir, 'likes', channel);
  return rows.map(({ at, body, channel: of, id: likeId, memberId }) => {
    return { likeId, videoId: idIn(of), memberId, at, ...likeBody.parse(body) };
  });
}

/** The ids of a video's likes in the store. */
export async function idsIn(dataDir: string, videoId: string): Promise<Set<string>> {
  return new Set((await rowsIn(dataDir, videoId)).map(({ likeId }) => likeId));
}
