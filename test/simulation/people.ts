import { channelOf, VIDEOS } from './videos';

/** The members of every run: most have streams on two frontends. */
export const MEMBERS = Array.from({ length: 12 }, (_, at) => `m${at}`);

/** The conversation of every run. */
export const CONVERSATION = 'conversation:c';

/** The channel of a member's presence. */
export function presenceOf(member: string): string {
  return `member:${member}`;
}

/** All channels of a run. */
export const ALL_CHANNELS = [...VIDEOS.map(channelOf), CONVERSATION, ...MEMBERS.map(presenceOf)];
