import type { Context } from 'koa';
import { channelOf } from '../schemas/channels';
import { LikestreamError } from '../schemas/errors';
import type { LoggedType } from '../schemas/event-type';
import { encodeSingle, parseVectorText, seenOf, vectorText } from '../schemas/place';
import type { Vector } from '../schemas/state';
import { idField } from './answers';
import type { Wanted } from './place-waits';

/** A state of a feed as a GET answers it. */
export interface Reading {
  /** An event id: a stream that is opened with it continues from this state. */
  readonly id: string;
  readonly body: object;
}

/** The states of a channel's events of one type, with the id that continues them. */
export function readingOf(type: LoggedType, channelId: string, vector: Vector): Reading {
  const { name, policy } = type;
  const view = policy.view(vector);
  const seen = seenOf(policy.total(view), vector);
  const id = encodeSingle(channelOf(type, channelId), new Map([[name, seen]]));
  const fields = policy.answer?.(view) ?? policy.snapshot(view);
  const body = { [idField(type)]: channelId, ...fields, id, seen: vectorText(seen.versions) };
  return { id, body };
}

/**
 * The places that `?atLeast=` names, one or several by comma; undefined without it. Throws
 * `invalid_query`.
 */
export function atLeastIn({ query }: Context): Wanted | undefined {
  const { atLeast: text } = query;
  if (text === undefined) return undefined;
  const wanted = typeof text === 'string' && text !== '' ? parseVectorText(text) : undefined;
  if (wanted) return wanted;
  throw new LikestreamError('invalid_query', 'atLeast: must be a place, ORIGIN@OFFSET');
}

/**
 * Lets caches keep an answer. `publicS`: for so many seconds any cache may, because each client
 * may read it; 0: only the client's own one, which asks again each time.
 */
export function setCaching(ctx: Context, publicS: number): void {
  ctx.set('Cache-Control', publicS > 0 ? `public, max-age=${publicS}` : 'private, no-cache');
  ctx.vary('Origin');
}

/** Answers a reading; `304` if `If-None-Match` has its id. */
export function answerReading(ctx: Context, { body, id }: Reading, publicS: number): void {
  setCaching(ctx, publicS);
  ctx.set('ETag', `"${id}"`);
  if (namesTag(ctx.get('If-None-Match'), id)) ctx.status = 304;
  else ctx.body = body;
}

/** A proxy that packs an answer makes its tag weak (`W/`). Ids have commas, so no list is split. */
function namesTag(header: string, id: string): boolean {
  return header.trim() === '*' || header.includes(`"${id}"`);
}
