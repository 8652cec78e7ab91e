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
  return { channels: [...channels], ...feedRequest(ctx, types) };
}

/**
 * Reads `events` and `lastEventId`, each of which may be given several times; the ids of the query
 * come after that of the header.
 */
export function feedRequest(ctx: StreamQuery, types: EventTypes): FeedRequest {
  const ids = [ctx.get('Last-Event-ID'), ...valuesOf(ctx, 'lastEventId')];
  const events = eventsIn(valuesOf(ctx, 'events'), types);
  return { places: decodeAllPlaces(ids.filter(Boolean)), ...(events && { events }) };
}

// Only known names: a stream keeps its list, and a request has room for thousands of names.
function eventsIn(lists: readonly string[], types: EventTypes): readonly string[] | undefined {
  if (lists.length === 0) return undefined;
  const names = new Set(lists.flatMap((list) => list.split(',')));
  return types.all.map(({ name }) => name).filter((name) => names.has(name));
}

function valuesOf(ctx: StreamQuery, name: string): string[] {
  return [ctx.query[name] ?? []].flat();
}
