import { join } from 'node:path';
import { open } from 'lmdb';
import { z } from 'zod';
import { idIn } from '../../schemas/channels';

const row = z.tuple([z.string(), z.int(), z.int(), z.unknown()]);

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

/** The rows of a type in a channel, or in all channels, read from the database file. */
export async function entriesIn(
  dataDir: string,
  type: string,
  channel?: string,
): Promise<StoredRow[]> {
  const path = join(dataDir, 'db');
  const database = open<unknown, string>({ path, encoding: 'json', readOnly: true });
  const start = `rows/${type}/`;
  try {
    const rows: StoredRow[] = [];
    for (const { key, value } of database.getRange({ start, end: `${start}~` })) {
      const [memberId, at, , body] = row.parse(value);
      const [, , id = '', of = ''] = key.split('/');
      if (channel === undefined || of === channel) {
        rows.push({ channel: of, id, memberId, at, body });
      }
    }
    return rows;
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
