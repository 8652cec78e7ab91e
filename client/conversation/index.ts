import type { Live } from '../types';
import { Talk } from './talk';
import type { Conversation, ConversationHandlers, ConversationOptions } from './types';

export type { ShownComment } from './comment-list';
export type { Conversation, ConversationHandlers, ConversationOptions } from './types';

/**
 * Watches and writes the comments of a video, with typing, receipts and attributes.
 * @param channel the video's, for example `video:42`
 */
export function conversation(
  live: Live,
  channel: string,
  handlers: ConversationHandlers,
  options: ConversationOptions = {},
): Conversation {
  return new Talk(live, channel, handlers, options);
}
