import { likes } from '../../schemas/likes';

/** The videos of every run. */
export const VIDEOS = ['a', 'b', 'c'];

/** The channel of a video. */
export function channelOf(video: string): string {
  return `${likes.channelKind}:${video}`;
}
