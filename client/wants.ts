/** Stands for all event types. */
export const ALL = '*';

/** What is watched: event types, of which a stream has one list, and channels. */
export interface Wants {
  readonly types: readonly string[];
  /** The id of a state that was rendered on the server, by channel; else empty. */
  readonly channels: Readonly<Record<string, string>>;
}

export const NOTHING: Wants = { types: [], channels: {} };

/** Joins what several channels or tabs want. */
export function unionOf(all: readonly Wants[]): Wants {
  return {
    types: [...new Set(all.flatMap(({ types }) => types))],
    channels: Object.assign({}, ...all.map(({ channels }) => channels)),
  };
}

/** The query of a stream. */
export function queryOf({ channels, types }: Wants, hasIds: boolean): URLSearchParams {
  const query = new URLSearchParams(types.includes(ALL) ? '' : { events: types.join() });
  for (const channel in channels) {
    query.append('channel', channel);
    if (hasIds && channels[channel]) query.append('lastEventId', channels[channel]);
  }
  return query;
}
