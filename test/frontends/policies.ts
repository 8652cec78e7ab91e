import { z } from 'zod';
import { eventType, type LoggedType, type News } from '../../schemas/event-type';
import { vectorText } from '../../schemas/place';
import { type Counts, counter } from '../../schemas/policies/counter';
import type { LoggedPolicy } from '../../schemas/policy';
import { newest } from '../../schemas/state';

/** The shape of a body in these tests, which no frontend reads. */
const body = z.object({ key: z.string() });
type Body = z.infer<typeof body>;

/** The fields of an event type that no frontend reads. */
const common = {
  channelKind: 'video',
  idName: 'id',
  idFrom: 'client' as const,
  body,
  columns: { key: 'text' as const },
  exact: true,
  maxPerRequest: 1,
  sharesRecords: true,
};

/** A second counter of videos. */
export const votes: LoggedType<Body, Counts, Counts> = eventType({
  ...common,
  name: 'votes',
  policy: counter({
    ...{ event: 'votes', field: 'options', totalField: 'votes' },
    key: ({ key }: Body) => key,
  }),
});

/** An origin's entries, each at its offset; the view has all, by origin and offset. */
export type Entries = readonly number[];

interface Shown {
  readonly origin: string;
  readonly offset: number;
}

/**
 * An append log: each entry is one event, with the place that it reaches. A snapshot has all
 * entries. `bytes` is the size of an event.
 */
export function appending(bytes: number): LoggedPolicy<Body, Entries, readonly Shown[]> {
  return {
    state: z.array(z.int()),
    empty: [],
    merge: newest,
    fold: (before, _entry, offset) => [...before, offset],
    undoKey: () => '',
    unfold: (before) => before,
    view: (states) =>
      Object.entries(states).flatMap(([origin, { state }]) =>
        state.map((offset) => ({ origin, offset })),
      ),
    same: (one, other) => one.length === other.length,
    total: () => 0,
    snapshot: (view) => ({ entries: view.map(nameOf) }),
    news: (view, { versions }) => {
      const reached = new Map(versions);
      const events: News[] = [];
      for (const one of missing(view, versions)) {
        reached.set(one.origin, one.offset);
        const data = { entry: nameOf(one), filler: 'x'.repeat(bytes) };
        events.push({
          event: 'entry',
          data: { ...data, seen: vectorText(new Map(reached)) },
          reached: { total: 0, versions: new Map(reached) },
        });
      }
      return events;
    },
    count: (view, { versions }) => missing(view, versions).length,
  };
}

/** Each entry once, as its own event. */
export const entries: LoggedType<Body, Entries, readonly Shown[]> = eventType({
  ...common,
  name: 'entries',
  policy: appending(10),
});

/** As `entries`, with events so large that few of them fit into a frame. */
export const largeEntries: typeof entries = { ...entries, policy: appending(12_000) };

function nameOf({ offset, origin }: Shown): string {
  return `${origin}@${offset}`;
}

function missing(view: readonly Shown[], versions: ReadonlyMap<string, number>): readonly Shown[] {
  return view.filter(({ offset, origin }) => offset > (versions.get(origin) ?? -1));
}
