import type Router from '@koa/router';
import type { Context } from 'koa';
import { z } from 'zod';
import { readJson } from '../runtime/body';
import { requireRight } from '../runtime/members/challenge';
import type { Member } from '../runtime/members/member';
import type { Members } from '../runtime/members/members';
import { channelOf } from '../schemas/channels';
import { LikestreamError } from '../schemas/errors';
import type { LoggedType } from '../schemas/event-type';
import type { Facts } from '../schemas/facts';
import type { Measures } from '../schemas/measures';
import type { Acceptance } from './acceptance';
import { checkedId, idField } from './answers';
import type { NewestStates } from './newest-states';
import { requireGranted, requireNotBanned, requireWritable } from './refusals';
import { type RequestLimits, UNLIMITED } from './request-limits';

export interface CellRoutesOptions {
  readonly type: LoggedType;
  readonly acceptance: Pick<Acceptance, 'accept'>;
  readonly states: Pick<NewestStates, 'load'>;
  readonly members: Members;
  readonly facts: Facts;
  readonly measures: Pick<Measures, 'taken'>;
  /** Limits what members and addresses send; nothing if not given. */
  readonly limits?: Pick<RequestLimits, 'requireEntries'> | undefined;
}

const putBody = z.strictObject({ value: z.unknown().refine((value) => value !== undefined) });

/**
 * Adds `PUT`, `DELETE` and `GET` of `/{channelKind}s/{channelId}/{name}/{key}`, for a type whose
 * bodies are `{name, value, stamp}`. A removal is the value null.
 */
export function addCellRoutes(router: Router, options: CellRoutesOptions): void {
  const { acceptance, facts, limits = UNLIMITED, measures, members, states, type } = options;
  const { channelKind, name, policy } = type;
  const path = `/${channelKind}s/:channelId/${name}/:key`;

  // A pause is for members' entries: a backend may say why it lasts.
  const requireAccepting = (channel: string, memberId: string): void => {
    if (type.right === 'publish') requireNotBanned(facts, memberId);
    else requireWritable(facts, channel, memberId);
  };
  const requireWriter = async (ctx: Context, channel: string): Promise<Member> => {
    const member = await members.memberOf(ctx);
    requireGranted(ctx, member, type, channel);
    requireAccepting(channel, member.id);
    return member;
  };
  const write = async (ctx: Context, valueIn: () => Promise<unknown>): Promise<void> => {
    const { channel, channelId, key } = cellIn(ctx, type);
    const member = await requireWriter(ctx, channel);
    const body = type.body.parse({ name: key, value: await valueIn(), stamp: 0 });
    requireAccepting(channel, member.id);
    limits.requireEntries(type, channel, member);
    const [result] = await acceptance.accept(channelId, member.id, [{ body }]);
    measures.taken(name, 'new', 1);
    ctx.body = { name: key, place: result?.entry.place };
  };

  router.put(path, (ctx) => write(ctx, async () => givenValue(await readJson(ctx.req))));
  router.delete(path, (ctx) => write(ctx, async () => null));

  router.get(path, async (ctx) => {
    const { channel, channelId, key } = cellIn(ctx, type);
    const member = await members.memberOf(ctx);
    requireRight(ctx, member, member.rights.mayWatch(channel), `watch ${channel}`);
    const found = policy.cell?.(policy.view(await states.load(channel, name)), key);
    if (!found) throw new LikestreamError('not_found', `${channel} has no ${key}`);
    ctx.set('Cache-Control', 'private, no-cache');
    ctx.body = { [idField(type)]: channelId, name: key, ...found };
  });
}

function cellIn({ params }: Context, type: LoggedType) {
  const channelId = checkedId(params.channelId);
  return { channelId, channel: channelOf(type, channelId), key: checkedId(params.key) };
}

/** The value in a request's body; throws `invalid_body`. */
function givenValue(body: object): unknown {
  const parsed = putBody.safeParse(body);
  const [issue] = parsed.error?.issues ?? [];
  if (issue) throw new LikestreamError('invalid_body', issue.message);
  requireJson(parsed.data?.value);
  return parsed.data?.value;
}

/** Throws unless the value is the same once it was written as JSON and read again. */
function requireJson(value: unknown): void {
  try {
    JSON.stringify(value, (_, each: unknown) => {
      if (each !== Infinity && each !== -Infinity) return each;
      throw new LikestreamError('invalid_body', 'value: a number is too great');
    });
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw new LikestreamError('invalid_body', 'value: it is nested too deep');
  }
}
