/** The event types that are watched, by channel; an empty list is all of them. */
export type Wants = Readonly<Record<string, Want>>;

export interface Want {
  readonly types: readonly string[];
  /** The id of a state that was rendered on the server. */
  readonly id?: string | undefined;
}

/** Joins lists of types; an empty list is all of them. */
export function joinTypes(lists: readonly (readonly string[])[]): string[] {
  return lists.every(([first]) => first) ? [...new Set(lists.flat())].sort() : [];
}

/** Joins what several tabs want. */
export function unionOf(all: readonly Wants[]): Wants {
  const union: Record<string, Want> = {};
  for (const wants of all) {
    for (const channel in wants) {
      const want = wants[channel] ?? { types: [] };
      const { id, types } = union[channel] ?? want;
      union[channel] = { id, types: joinTypes([types, want.types]) };
    }
  }
  return union;
}

/** The types of all channels, of which a stream has one list. */
export function typesOf(wants: Wants): string[] {
  return joinTypes(Object.values(wants).map(({ types }) => types));
}

/** The query of a stream. */
export function queryOf(wants: Wants, hasIds: boolean): URLSearchParams {
  const types = typesOf(wants);
  const query = new URLSearchParams(types[0] && { events: types.join() });
  for (const channel in wants) {
    query.append('channel', channel);
    const id = hasIds && wants[channel]?.id;
    if (id) query.append('lastEventId', id);
  }
  return query;
}
