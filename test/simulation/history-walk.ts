import type { PageEntry } from '../../producers/history-pages';
import type { PageQuery } from '../../producers/history-query';
import type { WalkedComment } from './comment-feed';
import { placeIn } from './comment-place';
import type { Datacenters } from './datacenters';
import type { Seeded } from './seeded';
import type { Producer } from './site';
import type { World } from './world';

/** A client without a page for this time asks for it again. */
const PAGE_TIMEOUT_MS = 2_000;

/** The time until a page is asked for again that had nothing new. */
const AGAIN_MS = 300;

/** The most entries of one page: few, so that walks have several pages. */
const MAX_LIMIT = 12;

/** A query of pages of any size. */
export type Pages = Omit<PageQuery, 'limit'>;

/**
 * Reads pages from a query on until there is no next one, through producers of these datacenters.
 * Resolves with their entries in order; never, if there is always a next page.
 */
export async function walkPages(
  { clock }: Pick<Datacenters, 'clock'>,
  random: Seeded,
  worlds: readonly World[],
  channel: string,
  query: Pages,
): Promise<WalkedComment[]> {
  const limit = 1 + random.below(MAX_LIMIT);
  const found: WalkedComment[] = [];
  let next: Pages = query;
  const wait = (): Promise<void> => {
    return new Promise((resolve) => void clock.after(AGAIN_MS, resolve));
  };
  for (;;) {
    const producer = random.pick(random.pick(worlds).producers);
    const page = await inTime(clock, pageOf(producer, channel, { ...next, limit }));
    if (!page) {
      await wait();
      continue;
    }
    found.push(...page.entries.map(walked));
    if (!page.next) return found;
    next = next.after ? { after: page.next, upTo: next.upTo } : { before: page.next };
    if (page.entries.length === 0) await wait();
  }
}

function pageOf({ pages, process, states }: Producer, channel: string, query: PageQuery) {
  if (!process.runs) return Promise.reject(new Error('the process does not run'));
  return process.within(async () => {
    return pages.load(channel, await states.load(channel, 'comments'), query);
  });
}

/** The result; undefined if it fails, or if the process dies before. */
function inTime<Result>(
  clock: Datacenters['clock'],
  work: Promise<Result>,
): Promise<Result | undefined> {
  return new Promise((resolve) => {
    const timer = clock.after(PAGE_TIMEOUT_MS, () => resolve(undefined));
    const end = (result?: Result): void => {
      timer.cancel();
      resolve(result);
    };
    work.then(end, () => end());
  });
}

function walked(entry: PageEntry): WalkedComment {
  return { id: entry.id, place: entry.isDeleted ? undefined : placeIn(entry.place) };
}
