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
import type { Acceptance, AcceptResult } from './acceptance';
import type { NewestStates } from './newest-states';

/** Likes of one request. */
export const MAX_LIKES_PER_REQUEST = 50;

export interface LikesRoutesOptions {
  readonly acceptance: Acceptance;
  readonly states: Pick<NewestStates, 'load'>;
  readonly members: Members;
  /** The reactions that are taken; `like`, or the first, where a like names none. */
  readonly reactions: readonly string[];
  /** Told of likes that were answered, by whether their id was new. */
  readonly counted: (outcome: 'new' | 'known', likes: number) => void;
}

/** The likes backend: `POST` and `GET /videos/{videoId}/likes`. */
export function addLikesRoutes(router: Router, parts: LikesRoutesOptions): void {
  const shape = likesShape(parts.reactions);
  const fallback = parts.reactions.includes(DEFAULT_REACTION)
    ? DEFAULT_REACTION
    : (parts.reactions[0] ?? DEFAULT_REACTION);

  router.post('/videos/:videoId/likes', async (ctx) => {
    const videoId = checkedId(ctx.params.videoId);
    const memberId = await parts.members.memberOf(ctx);
    const { likes, isMany } = checkedLikes(shape, await readJson(ctx.req));
    const asked = likes.map(({ likeId, reaction = fallback }) => ({ likeId, reaction }));
    const taken = await parts.acceptance.accept(videoId, memberId, asked);
    const fresh = taken.filter(({ isNew }) => isNew).length;
    parts.counted('new', fresh);
    parts.counted('known', taken.length - fresh);
    ctx.status = fresh > 0 ? 201 : 200;
    ctx.body = isMany ? { likes: taken.map(({ like }) => like) } : firstOf(taken);
  });

  router.get('/videos/:videoId/likes', async (ctx) => {
    const videoId = checkedId(ctx.params.videoId);
    await parts.members.memberOf(ctx);
    const reactions = countsOf(await parts.states.load(channelOf(likesType, videoId)));
    ctx.body = { videoId, total: counter.total(reactions), reactions };
  });
}

/** A like as it is sent. */
type Sent = { likeId?: string | undefined; reaction?: string | undefined };

function likesShape(reactions: readonly string[]) {
  const like = z.object({ likeId: id.optional(), reaction: z.enum(reactions).optional() });
  const many = z.object({ likes: z.array(like).min(1).max(MAX_LIKES_PER_REQUEST) });
  return { like, many };
}

function checkedLikes(
  { like, many }: ReturnType<typeof likesShape>,
  body: object,
): { likes: Sent[]; isMany: boolean } {
  const isMany = 'likes' in body;
  const parsed = isMany ? many.safeParse(body) : like.safeParse(body);
  if (!parsed.success) throw refusal(parsed.error.issues[0]);
  const likes = 'likes' in parsed.data ? parsed.data.likes : [parsed.data];
  return { likes, isMany };
}

function refusal(issue: z.core.$ZodIssue | undefined): LikestreamError {
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

function firstOf(taken: readonly AcceptResult[]): AcceptResult['like'] {
  const [first] = taken;
  if (!first) throw new LikestreamError('internal', 'nothing was taken');
  return first.like;
}
