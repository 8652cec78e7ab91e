import { join } from 'node:path';
import { open } from 'lmdb';
import { z } from 'zod';

const row = z.object({
  likeId: z.string(),
  videoId: z.string(),
  memberId: z.string(),
  reaction: z.string(),
  at: z.int(),
});
export type Row = z.infer<typeof row>;

/** The rows of a video's likes, or of all videos, read from the database file. */
export async function rowsIn(dataDir: string, videoId?: string): Promise<Row[]> {
  const database = open<unknown, string>({
    path: join(dataDir, 'db'),
    encoding: 'json',
    readOnly: true,
  });
  const start = videoId === undefined ? 'likes/' : `likes/video:${videoId}/`;
  try {
    const rows: Row[] = [];
    for (const { key, value } of database.getRange({ start, end: `${start}~` })) {
      const found = row.parse(value);
      if (key !== `likes/video:${found.videoId}/${found.likeId}`) throw new Error(`key ${key}`);
      rows.push(found);
    }
    return rows;
  } finally {
    await database.close();
  }
}

/** The ids of a video's likes in the store. */
export async function idsIn(dataDir: string, videoId: string): Promise<Set<string>> {
  return new Set((await rowsIn(dataDir, videoId)).map(({ likeId }) => likeId));
}
