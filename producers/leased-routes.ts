import type Router from '@koa/router';
import type { Context } from 'koa';
import { requireRight } from '../runtime/members/challenge';
import type { Members } from '../runtime/members/members';
import { channelOf } from '../schemas/channels';
import type { LeasedType } from '../schemas/event-type';
import type { Feeds } from '../schemas/state';
import { checkedId, idField } from './answers';
import type { LeasedStates } from './leased-states';
import { idsIn } from './read-routes';
import { setCaching } from './reading';

export interface LeasedRoutesOptions {
  readonly type: LeasedType;
  /** The types whose fields the answers have, too (`LeasedType.shownBy`). */
  readonly shown: readonly LeasedType[];
  readonly states: Pick<LeasedStates, 'load'>;
  readonly members: Members;
}

/**
 * Adds the `GET` of a leased type: `/{channelKind}s/{channelId}/{name}` of one channel, and
 * `/{name}?{channelKind}Id=` of several.
 */
export function addLeasedRoutes(router: Router, options: LeasedRoutesOptions): void {
  const { members, shown, states, type } = options;
  const { channelKind, name } = type;
  const types = [type, ...shown];

  const read = async (ctx: Context, ids: readonly string[]): Promise<object[]> => {
    const member = await members.memberOf(ctx);
    const channels = ids.map((id) => channelOf(type, id));
    for (const channel of channels) {
      requireRight(ctx, member, member.rights.mayWatch(channel), `watch ${channel}`);
    }
    const all = await states.load(channels, types);
    setCaching(ctx, 0);
    return ids.map((id) => answerOf(types, id, all.get(channelOf(type, id)) ?? {}));
  };

  router.get(`/${channelKind}s/:channelId/${name}`, async (ctx) => {
    [ctx.body] = await read(ctx, [checkedId(ctx.params.channelId)]);
  });

  router.get(`/${name}`, async (ctx) => {
    ctx.body = { [name]: await read(ctx, idsIn(ctx, idField(type))) };
  });
}

/** The fields of all types of a channel. */
function answerOf(types: readonly LeasedType[], channelId: string, feeds: Feeds): object {
  const fields = types.map(({ name, policy }) => {
    const view = policy.view(feeds[name] ?? {});
    return policy.answer?.(view) ?? policy.snapshot(view);
  });
  const ids = types.slice(0, 1).map((type) => ({ [idField(type)]: channelId }));
  return Object.assign({}, ...ids, ...fields);
}
