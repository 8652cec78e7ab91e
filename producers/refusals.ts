import type { Context } from 'koa';
import { requireRight } from '../runtime/members/challenge';
import type { Member } from '../runtime/members/member';
import { LikestreamError } from '../schemas/errors';
import type { LoggedType } from '../schemas/event-type';
import type { Facts } from '../schemas/facts';

/** Throws `video_paused` or `member_banned` if a member's entries for a channel are refused. */
export function requireWritable(facts: Facts, channel: string, memberId: string): void {
  requireNotBanned(facts, memberId);
  if (facts.isPaused(channel)) throw new LikestreamError('video_paused');
}

/** Throws `member_banned` if a member's entries are refused. */
export function requireNotBanned(facts: Facts, memberId: string): void {
  if (facts.isBanned(memberId)) throw new LikestreamError('member_banned');
}

/** Throws `forbidden` or `unauthorized` unless a member has the right that a type needs. */
export function requireGranted(
  ctx: Context,
  member: Member,
  { name, right }: Pick<LoggedType, 'name' | 'right'>,
  channel: string,
): void {
  const { rights } = member;
  const isGranted =
    right === 'publish' ? rights.mayPublish(channel) : rights.mayWrite(name, channel);
  // Most requests need no text.
  if (!isGranted) requireRight(ctx, member, false, `${right ?? 'write'} ${name} of ${channel}`);
}
