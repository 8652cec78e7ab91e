import type Router from '@koa/router';
import type { Context } from 'koa';
import { requireRight } from '../runtime/members/challenge';
import type { Member } from '../runtime/members/member';
import type { Members } from '../runtime/members/members';
import { LikestreamError } from '../schemas/errors';
import { feedRequest } from './stream-request';
import type { Session } from './viewers/session';
import type { Sessions } from './viewers/sessions';

export interface StreamChangesOptions {
  readonly sessions: Sessions;
  readonly members: Members;
  /** Forwards a request for a stream of another worker. */
  readonly forwardStream?: ((ctx: Context) => Promise<void>) | undefined;
}

/** The form of a connection id: no other one is looked up or forwarded. */
const CONNECTION_ID = /^[A-Za-z0-9]{1,31}\.[0-9a-f]{32}$/;

/**
 * Adds the changes of an open stream: `PUT` and `DELETE` of channels, and `PUT` of a new token. The
 * member is verified first, so that a request without a valid token causes no look-up.
 */
export function addChannelRoutes(router: Router, options: StreamChangesOptions): void {
  const { sessions } = options;
  const path = '/stream/:connectionId/channels/:channel';
  router.put(path, async (ctx) => {
    const channel = sessions.types.parseChannel(String(ctx.params.channel));
    const member = await options.members.memberOf(ctx);
    requireWatch(ctx, member, [channel]);
    await change(ctx, options, (session) => {
      requireOpener(session, member);
      sessions.join(session, channel, feedRequest(ctx, sessions.types));
      sessions.endWith(session, member);
    });
  });
  router.delete(path, async (ctx) => {
    const channel = sessions.types.parseChannel(String(ctx.params.channel));
    const member = await options.members.memberOf(ctx);
    await change(ctx, options, (session) => {
      requireOpener(session, member);
      sessions.leave(session, channel);
    });
  });
  router.put('/stream/:connectionId/token', async (ctx) => {
    const member = await options.members.memberOf(ctx);
    requireRight(ctx, member, !member.isAnonymous, 'renew a stream');
    await change(ctx, options, (session) => {
      if (session.memberId !== member.id) {
        throw new LikestreamError('forbidden', 'the token is of another member');
      }
      const channels = session.rows.map(({ view }) => view.channel.name);
      requireWatch(ctx, member, channels);
      sessions.renew(session, member);
    });
  });
}

/** Throws `forbidden` if a member may not watch one of the channels. */
export function requireWatch(ctx: Context, member: Member, channels: readonly string[]): void {
  for (const channel of channels) {
    requireRight(ctx, member, member.rights.mayWatch(channel), `watch ${channel}`);
  }
}

async function change(
  ctx: Context,
  { forwardStream, sessions }: StreamChangesOptions,
  apply: (session: Session) => void,
): Promise<void> {
  const connectionId = String(ctx.params.connectionId);
  const session = sessions.find(connectionId);
  if (!session && forwardStream && CONNECTION_ID.test(connectionId)) return forwardStream(ctx);
  if (!session) throw new LikestreamError('not_found', 'no such stream');
  apply(session);
  ctx.status = 204;
}

function requireOpener(session: Session, member: Member): void {
  if (!session.mayBeChangedBy(member)) throw new LikestreamError('not_found', 'no such stream');
}
