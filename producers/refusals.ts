import { LikestreamError } from '../schemas/errors';
import type { Facts } from '../schemas/facts';

/** Throws `video_paused` or `member_banned` if a member's entries for a channel are refused. */
export function requireWritable(facts: Facts, channel: string, memberId: string): void {
  if (facts.isBanned(memberId)) throw new LikestreamError('member_banned');
  if (facts.isPaused(channel)) throw new LikestreamError('video_paused');
}
