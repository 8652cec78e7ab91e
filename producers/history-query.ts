import { LikestreamError } from '../schemas/errors';
import { isId } from '../schemas/ids';
import { parseVectorText } from '../schemas/place';

/** The most entries of one page, and those of a page without `limit`. */
export const MAX_PAGE_LIMIT = 100;
export const DEFAULT_PAGE_LIMIT = 20;

/** Offsets by origin. */
export type Positions = ReadonlyMap<string, number>;

/** Which entries of a channel a page has. */
export interface PageQuery {
  /** Entries after these positions, the oldest first; all others have the newest first. */
  readonly after?: Positions | undefined;
  /** Entries before this one, or before these positions; an origin that they lack has none. */
  readonly before?: Positions | string | undefined;
  /** Entries up to these positions; an origin that they lack has none. */
  readonly upTo?: Positions | undefined;
  readonly limit: number;
}

/** The query of a request, as Koa parses it. */
type Query = Readonly<Record<string, string | string[] | undefined>>;

/** Parses the parameters of a page; throws `invalid_query`. Others are ignored. */
export function parsePageQuery(query: Query): PageQuery {
  const [after, upTo] = [positionsIn(query, 'after'), positionsIn(query, 'upTo')];
  const id = single(query, 'before');
  const before = isId(id) ? id : positionsIn(query, 'before');
  if (after && before !== undefined) {
    throw new LikestreamError('invalid_query', 'after: not together with before');
  }
  return { after, before, upTo, limit: limitIn(query) };
}

function limitIn(query: Query): number {
  const text = single(query, 'limit');
  if (text === undefined) return DEFAULT_PAGE_LIMIT;
  const limit = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (limit >= 1 && limit <= MAX_PAGE_LIMIT) return limit;
  throw new LikestreamError('invalid_query', `limit: a number from 1 to ${MAX_PAGE_LIMIT}`);
}

function positionsIn(query: Query, name: string): Positions | undefined {
  const text = single(query, name);
  if (text === undefined) return undefined;
  const positions = parseVectorText(text);
  if (!positions) throw new LikestreamError('invalid_query', `${name}: not places by comma`);
  return positions;
}

function single(query: Query, name: string): string | undefined {
  const value = query[name];
  if (Array.isArray(value)) throw new LikestreamError('invalid_query', `${name}: given twice`);
  return value;
}
