/** The event types that are watched, by channel; an empty list is all of them. */
export type Wants = Readonly<Record<string, Want>>;

export interface Want {
  readonly types: readonly string[];
  /** The id of a state that was rendered on the server. */
  readonly id?: string | undefined;
}

/** Joins lists of types; an empty list is all of them. */
export function joinTypes(lists: readonly (readonly string[])[]): string[] {
  return lists.every((types) => types.length > 0) ? [...new Set(lists.flat())].sort() : [];
}

/** Joins what several tabs want. */
export function unionOf(all: readonly Wants[]): Wants {
  const union: Record<string, Want> = {};
  for (const [channel, want] of all.flatMap((wants) => Object.entries(wants))) {
    const { id, types } = union[channel] ?? want;
    union[channel] = { id, types: joinTypes([types, want.types]) };
  }
  return union;
}
