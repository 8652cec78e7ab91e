import type Router from '@koa/router';
import { requireRight } from '../runtime/members/challenge';
import type { Members } from '../runtime/members/members';
import { channelOf } from '../schemas/channels';
import type { LoggedType } from '../schemas/event-type';
import { encodeSingle, vectorText } from '../schemas/place';
import { answersOf, checkedId } from './answers';
import type { HistoryPage, HistoryPages, PageEntry } from './history-pages';
import { type PageQuery, type Positions, parsePageQuery } from './history-query';
import type { NewestStates } from './newest-states';
import { setCaching } from './reading';

export interface HistoryRoutesOptions {
  readonly type: LoggedType;
  readonly pages: Pick<HistoryPages, 'load'>;
  readonly states: Pick<NewestStates, 'load'>;
  readonly members: Members;
}

/** Adds `GET` of a type with a history: pages of its entries. */
export function addHistoryRoutes(router: Router, options: HistoryRoutesOptions): void {
  const { members, pages, states, type } = options;
  const { channelKind, idName, name } = type;
  const path = `/${channelKind}s/:channelId/${name}`;
  const answerOf = answersOf(type);

  router.get(path, async (ctx) => {
    const channelId = checkedId(ctx.params.channelId);
    const channel = channelOf(type, channelId);
    const member = await members.memberOf(ctx);
    requireRight(ctx, member, member.rights.mayWatch(channel), `watch ${channel}`);
    const query = parsePageQuery(ctx.query);
    const vector = await states.load(channel, name);
    const page = await pages.load(channel, vector, query);
    const entries = page.entries.map((entry: PageEntry) =>
      'place' in entry ? answerOf(channelId, entry) : { [idName]: entry.id, deleted: true },
    );
    const next = nextOf(page, query);
    // Types with a history have no total.
    const seen = { total: 0, versions: page.reached };
    ctx.body = {
      [name]: entries,
      ...(next && { next: `${path.replace(':channelId', channelId)}?${next}` }),
      id: encodeSingle(channel, new Map([[name, seen]])),
    };
    setCaching(ctx, 0);
  });
}

/** The query of the next page; undefined if there is none. */
function nextOf(page: HistoryPage, { after, limit, upTo }: PageQuery): string | undefined {
  if (!page.next) return undefined;
  const vectors: Readonly<Record<string, Positions | undefined>> = after
    ? { after: page.next, upTo }
    : { before: page.next };
  const parts = Object.entries(vectors).flatMap(([name, vector]) =>
    vector ? [`${name}=${vectorText(vector)}`] : [],
  );
  return [...parts, `limit=${limit}`].join('&');
}
