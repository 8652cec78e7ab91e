import type { Context } from 'koa';
import { LikestreamError } from '../schemas/errors';
import type { EventTypes } from '../schemas/event-types';
import { decodeAllPlaces } from '../schemas/place';
import { type FeedRequest, MAX_CHANNELS_PER_STREAM, type StreamRequest } from './viewers/sessions';

/** The parts of a request that say what a stream carries. */
type StreamQuery = Pick<Context, 'get' | 'query'>;

/** Reads what a `GET /stream` asks for; throws an error of `400` if it is not valid. */
export function streamRequest(ctx: StreamQuery, types: EventTypes): StreamRequest {
  const requested = valuesOf(ctx, 'channel');
  if (requested.length === 0) throw new LikestreamError('invalid_channel', 'name a channel');
  if (requested.length > MAX_CHANNELS_PER_STREAM) throw new LikestreamError('too_many_channels');
  const channels = new Set(requested.map((channel) => types.parseChannel(channel)));
  return { channels: [...channels], ...feedRequest(ctx) };
}

/**
 * Reads `events` and `lastEventId`, each of which may be given several times; the ids of the query
 * come after that of the header.
 */
export function feedRequest(ctx: StreamQuery): FeedRequest {
  const events = valuesOf(ctx, 'events').flatMap((list) => list.split(','));
  const ids = [ctx.get('Last-Event-ID'), ...valuesOf(ctx, 'lastEventId')];
  return {
    places: decodeAllPlaces(ids.filter(Boolean)),
    ...(events.length > 0 && { events }),
  };
}

function valuesOf(ctx: StreamQuery, name: string): string[] {
  return [ctx.query[name] ?? []].flat();
}
