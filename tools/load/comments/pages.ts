import { z } from 'zod';
import type { Api } from '../api';

/** The most pages of one walk. */
const MAX_PAGES = 100_000;

const page = z.object({
  comments: z.array(z.object({ commentId: z.string(), deleted: z.boolean().optional() })),
  next: z.string().optional(),
});

/** The ids of the comments of all pages from a path on, without deletions; in order. */
export async function commentsFrom(api: Api, path: string): Promise<string[]> {
  const ids: string[] = [];
  let next: string | undefined = path;
  for (let pages = 0; next !== undefined && pages < MAX_PAGES; pages++) {
    const read: z.infer<typeof page> = page.parse(await api.get(next));
    for (const { commentId, deleted } of read.comments) if (!deleted) ids.push(commentId);
    next = read.comments.length > 0 ? read.next : undefined;
  }
  return ids;
}

/** The path of a video's first page, the oldest comment first. */
export function firstPage(video: string): string {
  return `/videos/${video}/comments?after=&limit=100`;
}
