import type Router from '@koa/router';
import { readJson } from '../runtime/body';
import type { Members } from '../runtime/members/members';
import { channelOf } from '../schemas/channels';
import type { LoggedType } from '../schemas/event-type';
import type { Facts } from '../schemas/facts';
import type { Measures } from '../schemas/measures';
import type { Acceptance } from './acceptance';
import { answersOf, checkedId } from './answers';
import { requireGranted, requireWritable } from './refusals';
import { type RequestLimits, UNLIMITED } from './request-limits';
import { RequestShape } from './request-shape';

export interface EntryRoutesOptions {
  readonly type: LoggedType;
  readonly acceptance: Pick<Acceptance, 'accept'>;
  /** Accepts entries of members who are subject to slow mode; for types that have it. */
  readonly paced?: Pick<Acceptance, 'accept'> | undefined;
  readonly members: Members;
  readonly facts: Facts;
  readonly measures: Pick<Measures, 'taken'>;
  /** Limits what members and addresses send; nothing if not given. */
  readonly limits?: Pick<RequestLimits, 'requireEntries'> | undefined;
}

/** Adds `POST` of a type: `/{channelKind}s/{channelId}/{name}`. */
export function addEntryRoutes(router: Router, options: EntryRoutesOptions): void {
  const { acceptance, facts, limits = UNLIMITED, measures, members, type } = options;
  const { paced = acceptance } = options;
  const { channelKind, name } = type;
  const path = `/${channelKind}s/:channelId/${name}`;
  const shape = new RequestShape(type);
  const answerOf = answersOf(type);

  router.post(path, async (ctx) => {
    const channelId = checkedId(ctx.params.channelId);
    const channel = channelOf(type, channelId);
    const member = await members.memberOf(ctx);
    requireGranted(ctx, member, type, channel);
    requireWritable(facts, channel, member.id);
    const { entries, isList } = shape.parse(await readJson(ctx.req));
    // A pause or a ban also holds for bodies that were on their way.
    requireWritable(facts, channel, member.id);
    limits.requireEntries(type, channel, member, entries.length);
    const accepting = member.rights.mayModerate(channel) ? acceptance : paced;
    const results = await accepting.accept(channelId, member.id, entries);
    const created = results.filter(({ isNew }) => isNew).length;
    measures.taken(name, 'new', created);
    measures.taken(name, 'known', results.length - created);
    const answers = results.map(({ entry }) => answerOf(channelId, entry));
    // Also to the repeat of a request that is still in progress.
    ctx.status = results.some((each) => each.isNew || each.wasInFlight) ? 201 : 200;
    ctx.body = isList ? { [name]: answers } : answers[0];
  });
}
