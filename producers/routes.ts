import type Router from '@koa/router';
import { readJson } from '../runtime/body';
import { requireRight } from '../runtime/members/challenge';
import type { Members } from '../runtime/members/members';
import { channelOf } from '../schemas/channels';
import { LikestreamError } from '../schemas/errors';
import type { LoggedType } from '../schemas/event-type';
import type { Facts } from '../schemas/facts';
import { ID_PATTERN } from '../schemas/ids';
import type { Measures } from '../schemas/measures';
import type { Acceptance, AcceptResult } from './acceptance';
import type { NewestStates } from './newest-states';
import { requireWritable } from './refusals';
import { RequestShape } from './request-shape';

export interface EntryRoutesOptions {
  readonly type: LoggedType;
  readonly acceptance: Pick<Acceptance, 'accept'>;
  readonly states: Pick<NewestStates, 'load'>;
  readonly members: Members;
  readonly facts: Facts;
  readonly measures: Pick<Measures, 'taken'>;
}

/** Adds `POST` and `GET` of a type: `/{channelKind}s/{channelId}/{name}`. */
export function addEntryRoutes(router: Router, options: EntryRoutesOptions): void {
  const { acceptance, facts, measures, members, states, type } = options;
  const { channelKind, name, policy } = type;
  const path = `/${channelKind}s/:channelId/${name}`;
  const shape = new RequestShape(type);
  const answerOf = answersOf(type);

  router.post(path, async (ctx) => {
    const channelId = checkedId(ctx.params.channelId);
    const channel = channelOf(type, channelId);
    const member = await members.memberOf(ctx);
    const mayWrite = member.rights.mayWrite(name, channel);
    requireRight(ctx, member, mayWrite, `write ${name} of ${channel}`);
    requireWritable(facts, channel, member.id);
    const { entries, isList } = shape.parse(await readJson(ctx.req));
    // A pause or a ban also holds for bodies that were on their way.
    requireWritable(facts, channel, member.id);
    const results = await acceptance.accept(channelId, member.id, entries);
    const created = results.filter(({ isNew }) => isNew).length;
    measures.taken(name, 'new', created);
    measures.taken(name, 'known', results.length - created);
    const answers = results.map((result) => answerOf(channelId, result));
    ctx.status = created > 0 ? 201 : 200;
    ctx.body = isList ? { [name]: answers } : answers[0];
  });

  router.get(path, async (ctx) => {
    const channelId = checkedId(ctx.params.channelId);
    const channel = channelOf(type, channelId);
    const member = await members.memberOf(ctx);
    requireRight(ctx, member, member.rights.mayWatch(channel), `watch ${channel}`);
    const vector = await states.load(channel, name);
    ctx.body = { [idField(type)]: channelId, ...policy.snapshot(policy.view(vector)) };
  });
}

/** Returns a function that answers an entry of a channel. */
function answersOf(type: LoggedType) {
  const [idName, channelName, columns] = [type.idName, idField(type), Object.keys(type.columns)];
  return (channelId: string, { entry }: AcceptResult): object => {
    const { at, body, id, place } = entry;
    // One name after the other: to spread objects with computed names takes several times as long.
    const answer: Record<string, unknown> = {};
    answer[idName] = id;
    answer[channelName] = channelId;
    // The fields in the order of the columns: as in the first answer, so in each later one.
    if (typeof body === 'object' && body !== null) {
      for (const name of columns) answer[name] = Reflect.get(body, name);
    }
    answer.at = at;
    answer.place = place;
    return answer;
  };
}

/** The name of a channel's id in answers. */
function idField({ channelKind }: LoggedType): string {
  return `${channelKind}Id`;
}

function checkedId(text: string | undefined): string {
  if (text === undefined || !ID_PATTERN.test(text)) throw new LikestreamError('invalid_id');
  return text;
}
