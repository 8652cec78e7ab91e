import type Router from '@koa/router';
import type { Moments } from '../adapters/moments';
import { readJson } from '../runtime/body';
import { BoundedMap } from '../runtime/bounded-map';
import type { Clock } from '../runtime/clock';
import { requireRight } from '../runtime/members/challenge';
import type { Members } from '../runtime/members/members';
import { channelOf } from '../schemas/channels';
import { LikestreamError } from '../schemas/errors';
import type { MomentType } from '../schemas/event-type';
import type { Facts } from '../schemas/facts';
import { checkedId } from './answers';
import { requireWritable } from './refusals';
import { type RequestLimits, UNLIMITED } from './request-limits';

/** The most members and channels whose last moment is known; of others each one is passed on. */
export const MAX_PASSED = 20_000;

export interface MomentRoutesOptions {
  readonly type: MomentType;
  readonly moments: Pick<Moments, 'send'>;
  readonly members: Members;
  readonly facts: Facts;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Limits what members and addresses send; nothing if not given. */
  readonly limits?: Pick<RequestLimits, 'requireMoment'> | undefined;
}

/**
 * Adds `POST` of a type of moments. Of each member and channel one is passed on in `passEveryMs`;
 * further ones are accepted and dropped, because viewers are shown the first one for longer.
 */
export function addMomentRoutes(router: Router, options: MomentRoutesOptions): void {
  const { clock, facts, limits = UNLIMITED, members, moments, type } = options;
  const { channelKind, name, passEveryMs } = type;
  /** By channel and member, when a moment was passed on, by the monotonic clock, ms. */
  const passed = new BoundedMap<string, number>(MAX_PASSED);

  const send = async (channel: string, memberId: string, value: unknown): Promise<void> => {
    const key = `${channel}/${memberId}`;
    const now = clock.monotonic();
    const last = passed.get(key);
    if (last !== undefined && now - last < passEveryMs) return;
    passed.set(key, now);
    try {
      await moments.send([{ channel, type: name, memberId, value }]);
    } catch (error) {
      // The member's next try is passed on.
      passed.delete(key);
      throw error;
    }
  };

  router.post(`/${channelKind}s/:channelId/${name}`, async (ctx) => {
    const channel = channelOf(type, checkedId(ctx.params.channelId));
    const member = await members.memberOf(ctx);
    const mayWrite = member.rights.mayWrite(name, channel);
    requireRight(ctx, member, mayWrite, `write ${name} of ${channel}`);
    requireWritable(facts, channel, member.id);
    const body = bodyIn(type, await readJson(ctx.req));
    requireWritable(facts, channel, member.id);
    limits.requireMoment(channel, member);
    await send(channel, member.id, body);
    ctx.status = 202;
    ctx.body = {};
  });
}

function bodyIn({ body }: MomentType, given: object): unknown {
  const parsed = body.safeParse(given);
  if (parsed.success) return parsed.data;
  throw new LikestreamError('invalid_body', parsed.error.issues[0]?.message);
}
