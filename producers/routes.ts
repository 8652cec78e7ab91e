import type Router from '@koa/router';
import { z } from 'zod';
import { readJson } from '../runtime/body';
import type { Members } from '../runtime/members';
import { channelOf } from '../schemas/channels';
import { LikestreamError } from '../schemas/errors';
import { ID_PATTERN, id } from '../schemas/ids';
import { DEFAULT_REACTION, likes as likesType } from '../schemas/likes';
import { counter } from '../schemas/policies/counter';
import { countsOf } from '../schemas/state';
import type { Acceptance, AcceptResult, NewEntry } from './acceptance';
import type { NewestStates } from './newest-states';

/** The most likes of one request. */
export const MAX_LIKES_PER_REQUEST = 50;

export interface LikesRoutesOptions {
  readonly acceptance: Acceptance;
  readonly states: Pick<NewestStates, 'load'>;
  readonly members: Members;
  /** The reactions that are accepted. A like without one has `like`, or else the first one. */
  readonly reactions: readonly string[];
  /** Called with the number of answered likes whose id was new, and of those whose id was known. */
  readonly counted: (outcome: 'new' | 'known', likes: number) => void;
}

/** Adds `POST` and `GET /videos/{videoId}/likes`. */
export function addLikesRoutes(router: Router, options: LikesRoutesOptions): void {
  const { acceptance, counted, members, reactions, states } = options;
  const shape = likesShape(reactions);

  router.post('/videos/:videoId/likes', async (ctx) => {
    const videoId = checkedId(ctx.params.videoId);
    const memberId = await members.memberOf(ctx);
    const { entries, isMany } = checkedEntries(shape, await readJson(ctx.req));
    const results = await acceptance.accept(videoId, memberId, entries);
    const created = results.filter(({ isNew }) => isNew).length;
    counted('new', created);
    counted('known', results.length - created);
    ctx.status = created > 0 ? 201 : 200;
    ctx.body = isMany ? { likes: results.map(({ like }) => like) } : firstOf(results);
  });

  router.get('/videos/:videoId/likes', async (ctx) => {
    const videoId = checkedId(ctx.params.videoId);
    await members.memberOf(ctx);
    const counts = countsOf(await states.load(channelOf(likesType, videoId)));
    ctx.body = { videoId, total: counter.total(counts), reactions: counts };
  });
}

function likesShape(reactions: readonly string[]) {
  const fallback = reactions.includes(DEFAULT_REACTION) ? DEFAULT_REACTION : reactions[0];
  const reaction = z.enum(reactions).default(fallback ?? DEFAULT_REACTION);
  const like = z.object({ likeId: id.optional(), reaction });
  const many = z.object({ likes: z.array(like).min(1).max(MAX_LIKES_PER_REQUEST) });
  return { like, many };
}

function checkedEntries(
  { like, many }: ReturnType<typeof likesShape>,
  body: object,
): { entries: readonly NewEntry[]; isMany: boolean } {
  const isMany = 'likes' in body;
  const parsed = isMany ? many.safeParse(body) : like.safeParse(body);
  if (!parsed.success) throw toLikestreamError(parsed.error.issues[0]);
  const entries = 'likes' in parsed.data ? parsed.data.likes : [parsed.data];
  return { entries, isMany };
}

function toLikestreamError(issue: z.core.$ZodIssue | undefined): LikestreamError {
  const where = issue?.path.join('.') ?? '';
  const detail = where ? `${where}: ${issue?.message}` : issue?.message;
  const field = issue?.path.at(-1);
  if (field === 'reaction') return new LikestreamError('unknown_reaction', detail);
  if (field === 'likeId') return new LikestreamError('invalid_id', detail);
  return new LikestreamError('invalid_body', detail);
}

function checkedId(text: string | undefined): string {
  if (text === undefined || !ID_PATTERN.test(text)) throw new LikestreamError('invalid_id');
  return text;
}

function firstOf(results: readonly AcceptResult[]): AcceptResult['like'] {
  const [first] = results;
  if (!first) throw new LikestreamError('internal', 'the request has no result');
  return first.like;
}
