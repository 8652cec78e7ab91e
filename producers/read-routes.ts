import type Router from '@koa/router';
import type { Context } from 'koa';
import { requireRight } from '../runtime/members/challenge';
import type { Members } from '../runtime/members/members';
import { channelOf } from '../schemas/channels';
import { LikestreamError } from '../schemas/errors';
import type { LoggedType } from '../schemas/event-type';
import { checkedId, idField } from './answers';
import type { NewestStates } from './newest-states';
import type { PlaceWaits } from './place-waits';
import { answerReading, atLeastIn, readingOf, setCaching } from './reading';

/** The most channels of one request. */
export const MAX_READ_CHANNELS = 100;

export interface ReadRoutesOptions {
  readonly type: LoggedType;
  readonly states: Pick<NewestStates, 'load' | 'loadAll'>;
  readonly waits: Pick<PlaceWaits, 'load'>;
  readonly members: Members;
  /** How long any cache may keep an answer, s; 0: not at all. */
  readonly publicS: number;
}

/**
 * Adds the `GET` of a type: `/{channelKind}s/{channelId}/{name}` of one channel, and
 * `/{name}?{channelKind}Id=` of several.
 */
export function addReadRoutes(router: Router, options: ReadRoutesOptions): void {
  const { members, publicS, states, type, waits } = options;
  const { channelKind, name } = type;

  const requireWatching = async (ctx: Context, channels: readonly string[]): Promise<void> => {
    const member = await members.memberOf(ctx);
    for (const channel of channels) {
      requireRight(ctx, member, member.rights.mayWatch(channel), `watch ${channel}`);
    }
  };

  router.get(`/${channelKind}s/:channelId/${name}`, async (ctx) => {
    const channelId = checkedId(ctx.params.channelId);
    const channel = channelOf(type, channelId);
    await requireWatching(ctx, [channel]);
    const atLeast = atLeastIn(ctx);
    if (atLeast) {
      // A cache would give this answer to requests that name another place.
      ctx.set('Cache-Control', 'no-store');
      ctx.body = readingOf(type, channelId, await waits.load(channel, name, atLeast)).body;
      return;
    }
    answerReading(ctx, readingOf(type, channelId, await states.load(channel, name)), publicS);
  });

  router.get(`/${name}`, async (ctx) => {
    const ids = idsIn(ctx, idField(type));
    const channels = ids.map((id) => channelOf(type, id));
    await requireWatching(ctx, channels);
    const vectors = await states.loadAll(channels, name);
    const readings = ids.map((id) => readingOf(type, id, vectors.get(channelOf(type, id)) ?? {}));
    setCaching(ctx, publicS);
    ctx.body = { [name]: readings.map(({ body }) => body) };
  });
}

/** The different ids of a query's parameter, in its order. */
export function idsIn({ query }: Context, field: string): readonly string[] {
  const given = query[field] ?? [];
  const ids = [...new Set(typeof given === 'string' ? [given] : given)];
  if (ids.length >= 1 && ids.length <= MAX_READ_CHANNELS) return ids.map(checkedId);
  throw new LikestreamError('invalid_query', `${field}: 1 to ${MAX_READ_CHANNELS} ids`);
}
