import { z } from 'zod';
import { id } from '../ids';
import type { LoggedPolicy, ShownShapes } from '../policy';
import { joinRings } from './append-join';
import { type AppendNames, appendNews, shownData } from './append-news';
import { recentOf } from './append-recent';
import {
  bytesOfRing,
  EMPTY_RING,
  newestOf,
  RING_LIMITS,
  type Ring,
  type RingLimits,
  ringOf,
  ringSince,
  sizeOf,
  withDeletion,
  withEntry,
} from './append-ring';
import { undeletedIn } from './append-undeleted';
import { AppendView, type ShownEntry, sameViews } from './append-view';

/** The newest entries of a snapshot. */
const SNAPSHOT = { entries: 20, bytes: 16_384 };

/** JSON's bytes of an entry's names and place in a snapshot, besides those that `sizeOf` counts. */
const SHOWN_FRAME_BYTES = 128;

export interface AppendOptions<Body> extends AppendNames {
  /** The shape of a body in the log: an object, whose fields viewers are sent. */
  readonly body: z.ZodType<Body>;
  /** `RING_LIMITS` if not given; for tests. */
  readonly limits?: RingLimits | undefined;
}

/**
 * The policy of entries that are sent one by one, each once, in the order of their log. A state is
 * the newest part of one log (`Ring`). A viewer that is further behind is sent a `gap` with a link
 * to the history. Snapshots have the newest entries of all origins, the newest one last.
 */
export function append<Body>(
  options: AppendOptions<Body>,
): LoggedPolicy<Body, Ring<Body>, AppendView<Body>> {
  const { cached, held, saved } = options.limits ?? RING_LIMITS;
  const show = (origin: string, entry: ShownEntry<Body>) => {
    return { data: shownData(options, origin, entry), bytes: sizeOf(entry) + SHOWN_FRAME_BYTES };
  };
  return {
    shapes: shapesOf(options),
    state: ringOf(options.body),
    empty: EMPTY_RING,
    merge: (one, other) => joinRings(one, other, held),
    fold: (before, { at, body, id, memberId }, offset) => {
      return withEntry(before, { id, memberId, at, body, offset }, held);
    },
    undoKey: () => '',
    // The copy stays: viewers whose place is after it were sent it, or the one that counts.
    unfold: (before) => before,
    remove: (before, id, offset) => withDeletion(before, { id, offset }, held),
    numberOf: ({ count }) => count,
    recent: recentOf,
    undeleted: undeletedIn,
    delta: ringSince,
    bytes: bytesOfRing,
    cached: (state) => newestOf(state, cached),
    saved: (state) => newestOf(state, saved),
    view: (states) => new AppendView(states),
    same: sameViews,
    total: () => 0,
    snapshot: (view) => {
      return { [options.name]: view.newest(SNAPSHOT, show).map(({ data }) => data) };
    },
    news: (view, seen, context) => appendNews(options, view, seen, context),
    count: (view, { versions }) => view.unseen(versions),
  };
}

function shapesOf<Body>({ body, channelKind, event, idName, name }: AppendOptions<Body>) {
  const fields = body instanceof z.ZodObject ? body.shape : {};
  const place = { at: z.int(), place: z.string() };
  const shown = z.object({ [idName]: id, memberId: id, ...fields, ...place });
  const events = {
    [event]: shown.extend({ [`${channelKind}Id`]: id }),
    [`${event}_deleted`]: z.object({ [idName]: id }),
    gap: z.object({ missed: z.literal(name), history: z.string() }),
  };
  return { snapshot: z.object({ [name]: z.array(shown) }), events } satisfies ShownShapes;
}
