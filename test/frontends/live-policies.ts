import { z } from 'zod';
import {
  eventType,
  type LeasedType,
  type LoggedType,
  leasedType,
  type MomentType,
  momentType,
  type News,
  type NewsContext,
} from '../../schemas/event-type';
import { vectorText } from '../../schemas/place';
import type { Vector, Versioned } from '../../schemas/state';
import { newest } from '../../schemas/state';

/** The fields of a logged event type that no frontend reads. */
const logged = {
  channelKind: 'video',
  idName: 'id',
  idFrom: 'client' as const,
  body: z.object({ text: z.string() }),
  columns: { text: 'text' as const },
  exact: true,
  maxPerRequest: 1,
  sharesRecords: false,
};
type Body = { readonly text: string };

/** An interval of an origin's entries: all with `floor < offset <= version`, some of the last. */
export interface Ring {
  readonly floor: number;
  readonly offsets: readonly number[];
}

type RingView = Readonly<Record<string, Versioned<Ring>>>;

const ring: z.ZodType<Ring> = z.object({ floor: z.int(), offsets: z.array(z.int()) });

/** Entries of which a state has the newest ones only; those that it lacks are behind a `gap`. */
export const notes: LoggedType<Body, Ring, RingView> = eventType({
  ...logged,
  name: 'notes',
  policy: {
    state: ring,
    empty: { floor: -1, offsets: [] },
    merge: joinRings,
    fold: ({ floor, offsets }, _entry, offset) => ({ floor, offsets: [...offsets, offset] }),
    undoKey: () => '',
    unfold: (before) => before,
    view: (states) => states,
    same: (one, other) => one === other,
    total: () => 0,
    snapshot: (view) => ({
      notes: Object.entries(view).flatMap(([origin, { state }]) =>
        state.offsets.slice(-3).map((offset) => `${origin}@${offset}`),
      ),
    }),
    news: noteNews,
    count: (view, { versions }) => missing(view, versions).length,
  },
});

function joinRings(one: Versioned<Ring>, other: Versioned<Ring>): Versioned<Ring> {
  const [older, newer] = other.version > one.version ? [one, other] : [other, one];
  const { floor, offsets } = newer.state;
  if (older.version < floor) return newer;
  const joined = [...older.state.offsets, ...offsets.filter((offset) => offset > older.version)];
  return newer === one && older.state.floor >= floor
    ? one
    : { ...newer, state: { floor: Math.min(floor, older.state.floor), offsets: joined } };
}

function missing(view: RingView, versions: ReadonlyMap<string, number>): [string, number][] {
  return Object.entries(view).flatMap(([origin, { state }]) =>
    state.offsets
      .filter((offset) => offset > (versions.get(origin) ?? -1))
      .map((offset): [string, number] => [origin, offset]),
  );
}

function noteNews(
  view: RingView,
  { versions }: { versions: ReadonlyMap<string, number> },
  { channelId, maxEntries }: NewsContext,
): readonly News[] {
  const after = new Map(Object.keys(view).map((origin) => [origin, versions.get(origin) ?? -1]));
  const upTo = new Map(after);
  for (const [origin, { state }] of Object.entries(view)) {
    upTo.set(origin, Math.max(after.get(origin) ?? -1, state.floor));
  }
  const all = missing(view, upTo);
  for (const [origin, offset] of all.slice(0, Math.max(0, all.length - maxEntries))) {
    upTo.set(origin, offset);
  }
  const events: News[] = [];
  const reached = (from: ReadonlyMap<string, number>) => {
    const known = [...from].filter(([, offset]) => offset >= 0);
    return { total: 0, versions: new Map(known) };
  };
  if ([...upTo].some(([origin, offset]) => offset > (after.get(origin) ?? -1))) {
    const data = { channelId, after: vectorText(after), upTo: vectorText(upTo) };
    events.push({ event: 'gap', data, reached: reached(upTo) });
  }
  for (const [origin, offset] of all.slice(-maxEntries)) {
    upTo.set(origin, offset);
    events.push({ event: 'note', data: { note: `${origin}@${offset}` }, reached: reached(upTo) });
  }
  return events;
}

type Cells = Readonly<Record<string, { readonly at: number; readonly value: number }>>;
type Marks = readonly { origin: string; memberId: string; at: number; value: number }[];

/** The newest mark of each member, which is not sent to the member's own streams. */
export const marks: LoggedType<Body, Cells, Marks> = eventType({
  ...logged,
  name: 'marks',
  idFrom: 'server',
  policy: {
    state: z.record(z.string(), z.object({ at: z.int(), value: z.int() })),
    empty: {},
    merge: newest,
    fold: (before) => before,
    undoKey: () => '',
    unfold: (before) => before,
    view: (states) =>
      Object.entries(states).flatMap(([origin, { state }]) =>
        Object.entries(state).map(([memberId, cell]) => ({ origin, memberId, ...cell })),
      ),
    same: (one, other) => JSON.stringify(one) === JSON.stringify(other),
    total: () => 0,
    snapshot: (view) => ({
      marks: Object.fromEntries(view.map(({ memberId, value }) => [memberId, value])),
    }),
    news: (view, { versions }) => {
      const reached = new Map(versions);
      const isNew = ({ at, origin }: Marks[number]) => at > (versions.get(origin) ?? -1);
      const changed = view.filter(isNew).sort((one, other) => one.at - other.at);
      return changed.map(({ at, memberId, origin, value }) => {
        reached.set(origin, at);
        const seen = { total: 0, versions: new Map(reached) };
        const data = { memberId, value };
        return { event: 'mark', data, exceptMember: memberId, reached: seen };
      });
    },
    count: (view, { versions }) =>
      view.filter(({ at, origin }) => at > (versions.get(origin) ?? -1)).length,
  },
});

type Gauge = { readonly watching: number };
const gauge: z.ZodType<Gauge> = z.object({ watching: z.int() });

/** A number that workers contribute to; the views of all origins are added. */
export const gauges: LeasedType<Gauge, Gauge, number> = leasedType({
  name: 'gauges',
  channelKind: 'video',
  source: 'streams',
  of: 'channel',
  reportEveryMs: 1_000,
  newsEveryMs: 1_000,
  graceMs: 0,
  value: (_before, { count }) => ({ watching: count }),
  policy: gaugePolicy(),
});

/** The same of members' streams; these channels have no other types. */
export const homes: typeof gauges = {
  ...gauges,
  name: 'homes',
  channelKind: 'member',
  of: 'member',
  newsEveryMs: 0,
};

function gaugePolicy(): LeasedType<Gauge, Gauge, number>['policy'] {
  return {
    value: gauge,
    join: ([first]) => first,
    next: (_before, joined) => joined ?? { watching: 0 },
    state: gauge,
    empty: { watching: 0 },
    merge: newest,
    view: (states) => Object.values(states).reduce((sum, { state }) => sum + state.watching, 0),
    same: (one, other) => one === other,
    total: () => 0,
    snapshot: (watching) => ({ watching }),
    news: (watching) => [{ event: 'watching', data: { watching } }],
    count: () => 1,
  };
}

/** A moment of a member, which is not sent to the member's own streams. */
export const nods: MomentType<object, true, readonly string[]> = momentType({
  name: 'nods',
  channelKind: 'video',
  source: 'moments',
  body: z.object({}),
  showMs: 5_000,
  passEveryMs: 1_000,
  policy: {
    state: z.literal(true),
    empty: true,
    stateOf: () => true,
    merge: newest,
    view: (states: Vector<true>) => Object.keys(states),
    same: (one, other) => one.length === other.length && one.every((id) => other.includes(id)),
    total: () => 0,
    snapshot: (view) => ({ nods: view }),
    news: (view, { versions }) => {
      const came = view.filter((id) => !versions.has(id));
      const went = [...versions.keys()].filter((id) => !view.includes(id));
      const event = (memberId: string, active: boolean): News => ({
        ...{ event: 'nod', data: { memberId, active }, exceptMember: memberId },
      });
      return [...came.map((id) => event(id, true)), ...went.map((id) => event(id, false))];
    },
    count: () => 1,
  },
});
