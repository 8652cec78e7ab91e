import { PARTITIONS, partitionOf } from '../../schemas/partitions';
import { eventually, post, range, tapId, totalOf } from './api';
import type { Server } from './server';
import { rowsIn } from './store';
import { StreamClient } from './stream-client';

/** A new video in the partition of another one. */
function videoBeside(videoId: string): string {
  const partition = partitionOf(`video:${videoId}`, PARTITIONS);
  for (;;) {
    const other = `beside-${tapId()}`;
    if (partitionOf(`video:${other}`, PARTITIONS) === partition) return other;
  }
}

/**
 * Resolves when all records that a video has in the log are counted. An owner counts a partition's
 * records in their order, so a like of another video in the same partition is counted after them.
 */
export async function untilCounted(url: string, videoId: string): Promise<void> {
  const other = videoBeside(videoId);
  expect((await post(url, other, {})).status).toBe(201);
  await eventually(async () => expect(await totalOf(url, other)).toBe(1));
}

/** The total is `count`, stays so when all records are counted, and as many rows are stored. */
export async function expectCounted(
  { dataDir, url }: Server,
  videoId: string,
  count: number,
): Promise<void> {
  await eventually(async () => expect(await totalOf(url, videoId)).toBe(count));
  await untilCounted(url, videoId);
  expect(await totalOf(url, videoId)).toBe(count);
  expect(await rowsIn(dataDir, videoId)).toHaveLength(count);
}

/** Posts `count` likes of a video in one request. */
export async function likeVideo(url: string, videoId: string, count: number): Promise<void> {
  const answer = await post(url, videoId, { likes: range(count).map(() => ({})) });
  expect(answer.status).toBe(201);
}

/** Likes a video, and resolves when a viewer of it is sent the total. */
export async function likeUntilSent(
  url: string,
  videoId: string,
  count: number,
  total: number,
): Promise<void> {
  await likeVideo(url, videoId, count);
  const channel = `video:${videoId}`;
  const viewer = new StreamClient(url, [channel]);
  try {
    await eventually(() => expect(viewer.total(channel)).toBe(total));
  } finally {
    viewer.close();
  }
}
