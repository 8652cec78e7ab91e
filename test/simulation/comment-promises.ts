import type { Recent } from '../../schemas/policy';
import type { Versioned } from '../../schemas/state';
import type { CommentFeed, Repetition, WalkedComment } from './comment-feed';
import { type CommentTruth, type StoredComment, truthOf } from './comment-truth';
import type { Crowd } from './crowd';
import type { Datacenters } from './datacenters';
import { walkPages } from './history-walk';
import { COMMENTS, SMALL_RINGS } from './types';
import { channelOf, feedOf, VIDEOS } from './videos';
import type { World } from './world';

/** Walks over all pages end in this time at rest. */
const WALK_MS = 20_000;

/** Checks the comments at rest: histories, states, pages and what each viewer was sent. */
export async function wrongComments(all: Datacenters, crowd: Crowd): Promise<string[]> {
  const wrong: string[] = [];
  const origins = all.worlds.map(({ origin }) => origin);
  for (const channel of VIDEOS.map(channelOf)) {
    const truth = await truthOf(channel, all.first, origins);
    const name = feedOf(channel, COMMENTS.name);
    const found = [
      ...wrongHistories(truth),
      ...wrongDeletions(truth, crowd),
      ...(await wrongRings(truth, all.worlds)),
      ...(await wrongPages(truth, all)),
      ...wrongFeeds(truth, crowd),
    ];
    wrong.push(...found.map((what) => `${name}: ${what}`));
  }
  return wrong;
}

/** Each log's history has each of its comments once, under dense numbers. */
function wrongHistories({ comments, history }: CommentTruth): string[] {
  const wrong: string[] = [];
  for (const [origin, rows] of history) {
    const isDense = rows.every(({ number }, at) => number === at + 1);
    if (!isDense) wrong.push(`the history of ${origin} has gaps in ${rows.length} rows`);
    const ids = rows.filter(({ isDeletion }) => !isDeletion).map(({ id }) => id);
    const ours = [...comments.values()].filter(({ copies }) => copies.has(origin));
    const missing = ours.filter(({ id }) => !ids.includes(id));
    if (missing.length > 0) wrong.push(`the history of ${origin} lacks ${idsOf(missing)}`);
    if (ids.length > ours.length) wrong.push(`the history of ${origin} has too many comments`);
  }
  return wrong;
}

/** Only comments are deleted whose deletion was asked for, and all whose deletion was answered. */
function wrongDeletions({ channel, comments }: CommentTruth, crowd: Crowd): string[] {
  const { deletions } = crowd.clients;
  const asked = deletions.asked.get(channel) ?? new Set();
  const answered = [...(deletions.answered.get(channel) ?? [])];
  const kept = answered.filter((id) => comments.get(id)?.isDeleted !== true);
  const unasked = [...comments.values()].filter((each) => each.isDeleted && !asked.has(each.id));
  return [
    ...(kept.length > 0 ? [`${kept.join()} was deleted and is there`] : []),
    ...(unasked.length > 0 ? [`nobody has deleted ${idsOf(unasked)}`] : []),
  ];
}

/** The states in caches and stores have all rows above their floor, and no text that is deleted. */
async function wrongRings(truth: CommentTruth, worlds: readonly World[]): Promise<string[]> {
  const { channel, history } = truth;
  const wrong: string[] = [];
  for (const { name, origin: own, servers } of worlds) {
    const cached = (await servers.cache.get([channel])).get(channel)?.[COMMENTS.name] ?? {};
    for (const [origin, state] of Object.entries(cached)) {
      const rows = history.get(origin) ?? [];
      const found = wrongRing(truth, origin, state);
      wrong.push(...found.map((what) => `${name} has cached of ${origin}: ${what}`));
      const last = rows.at(-1)?.offset ?? -1;
      if (state.version < last)
        wrong.push(`${name} has cached ${origin}@${state.version}, ${last}`);
      if (origin === own) wrong.push(...shortRing(name, rows.length, state));
    }
    for (const { origin, ...state } of await servers.states.load([channel], COMMENTS.name)) {
      const found = wrongRing(truth, origin, state);
      wrong.push(...found.map((what) => `${name} has saved of ${origin}: ${what}`));
    }
  }
  return wrong;
}

function wrongRing({ history }: CommentTruth, origin: string, state: Versioned): string[] {
  const { floor, rows } = recentIn(state);
  const all = (history.get(origin) ?? []).filter(({ offset }) => offset <= state.version);
  const above = all.filter(({ offset }) => offset > floor).map(({ offset }) => offset);
  const isWhole = above.join() === rows.map(({ offset }) => offset).join();
  const count = COMMENTS.policy.numberOf?.(state.state);
  const shown = rows.filter(({ entry }) => entry).map(({ id }) => id);
  const removed = shown.filter((id) => all.some((row) => row.isDeletion && row.id === id));
  const here = rows.map(({ offset }) => offset).join();
  return [
    ...(isWhole ? [] : [`${here} above ${floor}, the history has ${above.join()}`]),
    ...(count === all.length ? [] : [`${count} are counted, the history has ${all.length}`]),
    ...(removed.length > 0 ? [`the text of ${removed.join()}`] : []),
  ];
}

/** A viewer that joins is shown as many comments as are saved, at least. */
function shortRing(name: string, rows: number, state: Versioned): string[] {
  const least = Math.min(rows, SMALL_RINGS.saved.entries, SMALL_RINGS.saved.deletions);
  const cached = recentIn(state).rows.length;
  return cached < least ? [`${name} has cached ${cached} of its ${rows} rows`] : [];
}

function recentIn(state: Versioned): Recent {
  return COMMENTS.policy.recent?.(state) ?? { floor: -1, rows: [] };
}

/** Walks over all pages, in both directions, through each datacenter. */
async function wrongPages(truth: CommentTruth, all: Datacenters): Promise<string[]> {
  const { channel, comments } = truth;
  const wrong: string[] = [];
  for (const world of all.worlds) {
    for (const direction of ['forward', 'backward']) {
      const query = direction === 'forward' ? { after: new Map() } : {};
      let walked: readonly WalkedComment[] | undefined;
      const random = all.random.fork();
      void walkPages(all, random, [world], channel, query).then((found) => {
        walked = direction === 'forward' ? found : found.reverse();
      });
      for (let ms = 0; !walked && ms < WALK_MS; ms += 100) await all.clock.advance(100);
      const found = walked ? wrongWalk(walked, comments) : ['it does not end'];
      wrong.push(...found.map((what) => `the walk ${direction} at ${world.name}: ${what}`));
    }
  }
  return wrong;
}

/** A walk has each comment once, in the order of its log, and shows which ones are deleted. */
function wrongWalk(
  walked: readonly WalkedComment[],
  comments: ReadonlyMap<string, StoredComment>,
): string[] {
  const wrong: string[] = [];
  const last = new Map<string, number>();
  const shown = new Set<string>();
  for (const { id } of walked) {
    const comment = comments.get(id);
    // A deletion also stands at its own place.
    if (shown.has(id) && !comment?.isDeleted) wrong.push(`${id} is there twice`);
    shown.add(id);
    if (!comment) {
      wrong.push(`${id} is not stored`);
      continue;
    }
    const { offset, origin } = comment.place;
    if (!comment.isDeleted && offset < (last.get(origin) ?? -1)) wrong.push(`${id} is too late`);
    if (!comment.isDeleted) last.set(origin, offset);
  }
  const missing = [...comments.values()].filter(({ id }) => !shown.has(id));
  if (missing.length > 0) wrong.push(`it lacks ${idsOf(missing)}`);
  const differ = walked.filter(({ id, place }) => !place !== comments.get(id)?.isDeleted);
  if (differ.length > 0) wrong.push(`${idsOf(differ)} are deleted or not, unlike the store's`);
  return wrong;
}

function wrongFeeds(truth: CommentTruth, crowd: Crowd): string[] {
  const wrong: string[] = [];
  for (const [at, viewer] of crowd.viewers.entries()) {
    if (viewer.isAway || !viewer.watches(truth.channel)) continue;
    const { comments } = viewer.feeds;
    if (!comments.isAsked) continue;
    const feed = comments.feeds.get(truth.channel);
    const found = feed ? wrongFeed(truth, feed) : ['was sent nothing'];
    wrong.push(...found.map((what) => `viewer-${at} ${what}`));
  }
  return wrong;
}

function wrongFeed({ comments, history }: CommentTruth, feed: CommentFeed): string[] {
  const wrong: string[] = [];
  if (feed.openWalks > 0) wrong.push(`has ${feed.openWalks} links of gaps without an end`);
  for (const { copies, id, isDeleted } of comments.values()) {
    const wasBefore = [...copies].some(([of, offset]) => offset <= (feed.start.get(of) ?? -1));
    const wasSent = feed.has(id);
    if (isDeleted && feed.shows(id)) wrong.push(`is shown ${id}, which is deleted`);
    if (!isDeleted && feed.deleted.has(id)) wrong.push(`was told that ${id} is deleted`);
    if (!isDeleted && !wasSent && !wasBefore) wrong.push(`was never sent ${id}`);
  }
  const unknown = [...feed.sent.keys()].filter((id) => !comments.has(id));
  if (unknown.length > 0) wrong.push(`was sent ${unknown.join()}, which is not stored`);
  const twice = feed.repetitions.filter((of) => isInRing(of, history));
  return [...wrong, ...twice.map(({ id }) => `was sent ${id} of two logs`)];
}

/**
 * Whether all rings still had the first copy when the second one was sent, of whatever version they
 * were. Without it, a frontend cannot know that it has sent the id.
 */
function isInRing({ end, first }: Repetition, history: CommentTruth['history']): boolean {
  const rows = history.get(first.origin) ?? [];
  const since = rows.filter(({ offset }) => offset > first.offset && offset < end);
  return since.length < SMALL_RINGS.saved.entries;
}

function idsOf(comments: readonly { readonly id: string }[]): string {
  return comments.map(({ id }) => id).join();
}
