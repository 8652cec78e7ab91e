import type { Comment, Live } from '../types';

const PAGE = 100;

/** A page ends before a comment that can't be read yet; it is read again after this time. */
const AGAIN_MS = 1000;
const MOST_EMPTY = 10;

/** A comment, or a deletion at its place. */
export interface Row extends Comment {
  readonly deleted?: boolean;
}

export interface Page {
  readonly rows: readonly Row[];
  /** The path of the next page. */
  readonly next?: string | undefined;
}

/** Reads a page; undefined if it can't be read, after all tries. */
export async function readPage(live: Live, path: string): Promise<Page | undefined> {
  const { body, isOk } = await live.send('GET', path);
  const { comments, next } = body ?? {};
  if (!isOk || !Array.isArray(comments)) return undefined;
  return { rows: comments, next: typeof next === 'string' ? next : undefined };
}

/** The path of the largest pages of a gap; the newest of its comments first if `isNewestFirst`. */
function pathOf(history: string, isNewestFirst: boolean): string {
  const [path, search] = history.split('?');
  const query = new URLSearchParams(search);
  query.set('limit', `${PAGE}`);
  if (isNewestFirst) query.delete('after');
  return `${path}?${query}`;
}

/** Reads pages until there is none, or there are enough comments; then `rest` is the next path. */
async function readPages(live: Live, first: string, most: number) {
  const rows: Row[] = [];
  let rest: string | undefined = first;
  for (let empty = 0; rest && rows.length < most && empty < MOST_EMPTY; ) {
    const page: Page | undefined = await readPage(live, rest);
    rows.push(...(page?.rows ?? []));
    rest = page?.next;
    if (!rest || page?.rows.length !== 0) continue;
    empty++;
    await new Promise((resolve) => setTimeout(resolve, AGAIN_MS));
  }
  return { rows, rest };
}

/**
 * Reads the comments of a gap, the oldest first, page after page.
 * @param most if there are more, only the newest ones are read
 * @returns `isComplete`: no comments are missing before these
 */
export async function readGap(
  live: Live,
  history: string,
  most: number,
): Promise<{ readonly rows: readonly Row[]; readonly isComplete: boolean }> {
  const { rest, rows } = await readPages(live, pathOf(history, false), most);
  if (!rest || rows.length < most) return { rows, isComplete: true };
  const newest = await readPages(live, pathOf(history, true), most);
  return { rows: newest.rows.reverse(), isComplete: false };
}
