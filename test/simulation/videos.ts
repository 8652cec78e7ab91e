/** The videos of every run. */
export const VIDEOS = ['a', 'b', 'c'];

/** The channel of a video. */
export function channelOf(video: string): string {
  return `video:${video}`;
}

/** The name of a channel's feed of one type. */
export function feedOf(channel: string, type: string): string {
  return `${channel}/${type}`;
}
