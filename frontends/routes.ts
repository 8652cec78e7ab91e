import type Router from '@koa/router';
import type { Context } from 'koa';
import type { Viewer, ViewerSockets } from '../adapters/viewer-sockets';
import type { Members } from '../runtime/members';
import { LikestreamError } from '../schemas/errors';
import { parseChannel } from '../schemas/events';
import { decodePlaces } from '../schemas/place';
import { byeFrame } from './channels/frames';
import type { Session } from './viewers/session';
import { MAX_CHANNELS_PER_STREAM, type Sessions } from './viewers/sessions';

/** Sockets that can take over a request's connection. */
export interface AdoptingSockets extends ViewerSockets {
  adopt(ctx: Context): Viewer;
}

export interface StreamRoutesOptions {
  readonly sessions: Sessions;
  readonly sockets: AdoptingSockets;
  readonly members: Members;
  /** Who is asked about a stream that is not here. */
  readonly forwardStream?: (ctx: Context) => Promise<void>;
}

/** The stream: `GET /stream`, and the channels of an open one. */
export function addStreamRoutes(router: Router, parts: StreamRoutesOptions): void {
  const { members, sessions, sockets } = parts;
  addChannelRoutes(router, parts);

  router.get('/stream', async (ctx) => {
    if (ctx.method === 'HEAD') throw new LikestreamError('method_not_allowed');
    const channels = channelsOf(ctx);
    try {
      await members.memberOf(ctx);
      sessions.admit(channels);
      const places = decodePlaces(lastEventId(ctx));
      sessions.open(sockets.adopt(ctx), { channels, places });
    } catch (error) {
      if (!(error instanceof LikestreamError) || !error.retriable) throw error;
      answerPassing(ctx, error, sessions.retryMs());
    }
  });
}

/** `PUT` and `DELETE` of channels on an open stream. */
export function addChannelRoutes(
  router: Router,
  { forwardStream: elsewhere, members, sessions }: Omit<StreamRoutesOptions, 'sockets'>,
): void {
  const change = (how: (session: Session, channel: string) => void) => async (ctx: Context) => {
    const channel = parseChannel(String(ctx.params.channel));
    const session = sessions.find(String(ctx.params.connectionId));
    if (!session && elsewhere) return elsewhere(ctx);
    await members.memberOf(ctx);
    if (!session) throw new LikestreamError('not_found', 'no such stream');
    how(session, channel);
    ctx.status = 204;
  };
  const path = '/stream/:connectionId/channels/:channel';
  router.put(
    path,
    change((session, channel) => sessions.join(session, channel)),
  );
  router.delete(
    path,
    change((session, channel) => sessions.leave(session, channel)),
  );
}

function channelsOf(ctx: Context): string[] {
  const asked = [ctx.query.channel ?? []].flat();
  if (asked.length === 0) throw new LikestreamError('invalid_channel', 'name a channel');
  if (asked.length > MAX_CHANNELS_PER_STREAM) throw new LikestreamError('too_many_channels');
  return [...new Set(asked.map(parseChannel))];
}

function lastEventId(ctx: Context): string {
  const { lastEventId: inQuery } = ctx.query;
  return ctx.get('Last-Event-ID') || (typeof inQuery === 'string' ? inQuery : '');
}

// EventSource gives up for good on any other status, so trouble that will pass is a 200.
function answerPassing(ctx: Context, error: LikestreamError, retryMs: number): void {
  ctx.status = 200;
  ctx.type = 'text/event-stream';
  ctx.set('Cache-Control', 'no-cache, no-transform');
  ctx.set('Connection', 'close');
  ctx.body = byeFrame(error.code, retryMs);
}
