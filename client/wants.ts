/** The event types that are watched, by channel; an empty list is all of them. */
export type Wants = Readonly<Record<string, Want>>;

export interface Want {
  readonly types: readonly string[];
  /** The id of a state that was rendered on the server. */
  readonly id?: string | undefined;
}

/** Joins what several tabs or handlers want. */
export function unionOf(all: readonly Wants[]): Record<string, Want> {
  const union: Record<string, Want> = {};
  for (const wants of all) {
    for (const channel in wants) {
      const one = union[channel];
      const other = wants[channel] as Want;
      const isAll = one?.types.length === 0 || other.types.length === 0;
      const types = isAll ? [] : [...new Set([...(one?.types ?? []), ...other.types])];
      union[channel] = { types, id: one ? one.id : other.id };
    }
  }
  return union;
}

/** The types of all channels: a stream has one list for them. */
export function typesOf(wants: Wants): readonly string[] {
  const lists = Object.values(wants).map(({ types }) => types);
  return lists.some((types) => types.length === 0) ? [] : [...new Set(lists.flat())].sort();
}
