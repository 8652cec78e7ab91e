import type Router from '@koa/router';
import type { Context } from 'koa';
import type { Viewer, ViewerSockets } from '../adapters/viewer-sockets';
import type { Members } from '../runtime/members/members';
import { LikestreamError } from '../schemas/errors';
import type { Facts } from '../schemas/facts';
import { byeFrame } from './channels/frames';
import { feedRequest, streamRequest } from './stream-request';
import type { Session } from './viewers/session';
import type { FeedRequest, Sessions } from './viewers/sessions';

/** Sockets that can take over a request's connection. */
export interface AdoptingSockets extends ViewerSockets {
  adopt(ctx: Context): Viewer;
}

export interface StreamRoutesOptions {
  readonly sessions: Sessions;
  readonly sockets: AdoptingSockets;
  readonly members: Members;
  readonly facts: Facts;
  /** Forwards a request for a stream of another worker. */
  readonly forwardStream?: (ctx: Context) => Promise<void>;
}

/** Adds `GET /stream`, and the routes of the channels of an open stream. */
export function addStreamRoutes(router: Router, options: StreamRoutesOptions): void {
  const { facts, members, sessions, sockets } = options;
  addChannelRoutes(router, options);

  router.get('/stream', async (ctx) => {
    if (ctx.method === 'HEAD') throw new LikestreamError('method_not_allowed');
    const request = streamRequest(ctx, sessions.types);
    try {
      const member = await members.memberOf(ctx, 'stream');
      if (facts.isBanned(member.id)) throw new LikestreamError('member_banned');
      sessions.admit(request);
      sessions.open(sockets.adopt(ctx), request, member);
    } catch (error) {
      if (!(error instanceof LikestreamError) || !error.retriable) throw error;
      answerTemporaryError(ctx, error, sessions.retryMs());
    }
  });
}

/** Adds `PUT` and `DELETE` of channels on an open stream. */
export function addChannelRoutes(
  router: Router,
  { forwardStream, members, sessions }: Omit<StreamRoutesOptions, 'facts' | 'sockets'>,
): void {
  type Change = (session: Session, channel: string, request: FeedRequest) => void;
  const change = (apply: Change) => async (ctx: Context) => {
    const channel = sessions.types.parseChannel(String(ctx.params.channel));
    const session = sessions.find(String(ctx.params.connectionId));
    if (!session && forwardStream) return forwardStream(ctx);
    await members.memberOf(ctx);
    if (!session) throw new LikestreamError('not_found', 'no such stream');
    apply(session, channel, feedRequest(ctx, sessions.types));
    ctx.status = 204;
  };
  const path = '/stream/:connectionId/channels/:channel';
  router.put(
    path,
    change((session, channel, request) => sessions.join(session, channel, request)),
  );
  router.delete(
    path,
    change((session, channel) => sessions.leave(session, channel)),
  );
}

// EventSource never reconnects after another status than 200, so a temporary error is a 200.
function answerTemporaryError(ctx: Context, error: LikestreamError, retryMs: number): void {
  ctx.status = 200;
  ctx.type = 'text/event-stream';
  ctx.set('Cache-Control', 'no-cache, no-transform');
  ctx.set('Connection', 'close');
  ctx.body = byeFrame(error.code, retryMs).plain;
}
