import type Router from '@koa/router';
import type { Context } from 'koa';
import type { ViewerLag } from '../adapters/viewer-lag';
import type { Viewer, ViewerSockets } from '../adapters/viewer-sockets';
import type { CookieMembers } from '../runtime/members/members';
import { turnOf } from '../runtime/pipelining';
import { requireHeadSize } from '../runtime/request-head';
import { LikestreamError } from '../schemas/errors';
import type { Facts } from '../schemas/facts';
import { byeFrame } from './channels/frames';
import { addSessionRoutes } from './session-routes';
import { addChannelRoutes, requireWatch, type StreamChangesOptions } from './stream-changes';
import { streamRequest } from './stream-request';

export { addChannelRoutes } from './stream-changes';

/** Sockets that can take over a request's connection. */
export interface AdoptingSockets extends ViewerSockets, ViewerLag {
  adopt(ctx: Context): Viewer;
}

export interface StreamRoutesOptions extends StreamChangesOptions {
  readonly sockets: AdoptingSockets;
  readonly members: CookieMembers;
  readonly facts: Facts;
}

/** Adds `GET /stream`, the changes of open streams, and the members' cookie. */
export function addStreamRoutes(router: Router, options: StreamRoutesOptions): void {
  const { facts, members, sessions, sockets } = options;
  addChannelRoutes(router, options);
  addSessionRoutes(router, members);

  router.get('/stream', async (ctx) => {
    if (ctx.method === 'HEAD') {
      ctx.set('Allow', 'GET');
      throw new LikestreamError('method_not_allowed');
    }
    const request = streamRequest(ctx, sessions.types);
    try {
      requireHeadSize(ctx.req);
      const member = await members.memberOf(ctx, 'stream');
      requireWatch(ctx, member, request.channels);
      await turnOf(ctx.res);
      // Once it is admitted, a later ban closes it.
      if (facts.isBanned(member.id)) throw new LikestreamError('member_banned');
      sessions.admit(request, { memberId: member.id, address: member.address });
      sessions.open(sockets.adopt(ctx), request, member);
    } catch (error) {
      if (!(error instanceof LikestreamError)) throw error;
      const isTemporary = error.retriable || error.retryAfterMs !== undefined;
      if (!isTemporary) throw error;
      answerTemporaryError(ctx, error, sessions.retryTimes.about(error.retryAfterMs));
    }
  });
}

// EventSource never reconnects after another status than 200, so a temporary error is a 200.
function answerTemporaryError(ctx: Context, error: LikestreamError, retryMs: number): void {
  ctx.status = 200;
  ctx.type = 'text/event-stream';
  ctx.remove('WWW-Authenticate');
  ctx.set('Cache-Control', 'no-cache, no-transform');
  ctx.set('Connection', 'close');
  ctx.body = byeFrame(error.code, retryMs).plain;
}
