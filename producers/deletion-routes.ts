import type Router from '@koa/router';
import type { Logger } from '../runtime/log-lines';
import { requireRight } from '../runtime/members/challenge';
import type { Members } from '../runtime/members/members';
import { channelOf } from '../schemas/channels';
import type { LoggedType } from '../schemas/event-type';
import type { Facts } from '../schemas/facts';
import { checkedId } from './answers';
import type { Deletions } from './deletions';
import { requireNotBanned } from './refusals';
import { type RequestLimits, UNLIMITED } from './request-limits';

export interface DeletionRoutesOptions {
  readonly type: LoggedType;
  readonly deletions: Pick<Deletions, 'delete'>;
  readonly members: Members;
  readonly facts: Facts;
  /** Takes a line for each deletion by a moderator. */
  readonly log?: Pick<Logger, 'info'> | undefined;
  /** Limits what members and addresses send; nothing if not given. */
  readonly limits?: Pick<RequestLimits, 'requireEntries'> | undefined;
}

/**
 * Adds `DELETE` of one entry: by its author, or with the right to moderate. A pause does not stop
 * it, because moderators delete during pauses.
 */
export function addDeletionRoutes(router: Router, options: DeletionRoutesOptions): void {
  const { deletions, facts, limits = UNLIMITED, log, members, type } = options;
  const { channelKind, idName, name } = type;

  router.delete(`/${channelKind}s/:channelId/${name}/:${idName}`, async (ctx) => {
    const channel = channelOf(type, checkedId(ctx.params.channelId));
    const entryId = checkedId(ctx.params[idName]);
    const member = await members.memberOf(ctx);
    const isModerator = member.rights.mayModerate(channel);
    const mayDelete = isModerator || member.rights.mayWrite(name, channel);
    requireRight(ctx, member, mayDelete, `delete ${name} of ${channel}`);
    requireNotBanned(facts, member.id);
    // Moderators clear whole videos.
    if (!isModerator) limits.requireEntries(type, channel, member);
    await deletions.delete(channel, entryId, { memberId: member.id, isModerator });
    if (isModerator) {
      log?.info({ memberId: member.id, channel, type: name, id: entryId }, 'a moderator deleted');
    }
    ctx.status = 204;
  });
}
