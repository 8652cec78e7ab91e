/** Whose use a limit bounds. */
export type Limited = 'member' | 'address';

/** How often something may happen. */
export interface Rate {
  readonly setting: string;
  readonly by: Limited;
  /** The default, in a second. */
  readonly perS: number;
  /** As much as comes in this time may be used at once, after a pause. */
  readonly burstS: number;
  readonly text: string;
  readonly note?: string;
}

/** How many of something there may be at a time, in one process. */
export interface Most {
  readonly setting: string;
  readonly by: Limited;
  /** The default. */
  readonly most: number;
  readonly text: string;
  readonly note?: string;
}

/** The limits of requests, by their label in metrics. Producers share what was used. */
export const RATES = {
  entries: {
    setting: 'RATE_LIMIT',
    by: 'member',
    perS: 50,
    burstS: 2,
    text: 'likes of a member in a second',
    note: 'So many also of types of your own. A request with several likes counts as so many.',
  },
  texts: {
    setting: 'COMMENT_RATE_LIMIT',
    by: 'member',
    perS: 1,
    burstS: 10,
    text: 'comments of a member in a second, deletions included',
  },
  published: {
    setting: 'PUBLISH_RATE_LIMIT',
    by: 'member',
    perS: 200,
    burstS: 2,
    text: 'attributes that a member writes in a second',
  },
  signals: {
    setting: 'SIGNAL_RATE_LIMIT',
    by: 'member',
    perS: 10,
    burstS: 5,
    text: 'receipts and signs of typing of a member in a second',
  },
  requests: {
    setting: 'ADDRESS_RATE_LIMIT',
    by: 'address',
    perS: 1_000,
    burstS: 5,
    text: 'requests to producers from an address in a second; each like counts',
    note: 'Many members may share an address.',
  },
  names: {
    setting: 'NEW_NAMES_LIMIT',
    by: 'member',
    perS: 10,
    burstS: 100,
    text: 'channels in a second to which an address or a member is the first to write',
    note:
      'Of an address if `TRUSTED_PROXIES` is set, else of a member. The first as far as a ' +
      'producer remembers: it knows the last 100,000 names or more.',
  },
  bad_tokens: {
    setting: 'BAD_TOKEN_RATE_LIMIT',
    by: 'address',
    perS: 50,
    burstS: 20,
    text: 'refused tokens of an address in a second, in a process',
    note:
      'Beyond it, new tokens from there get 429 and are not verified. Those that the process has ' +
      'verified before are not affected.',
  },
  joins: {
    setting: 'JOIN_RATE_LIMIT',
    by: 'member',
    perS: 50,
    burstS: 10,
    text: 'channels that a member joins or leaves on open streams in a second, in a process',
  },
} as const satisfies Readonly<Record<string, Rate>>;

/** The limits of what is open in one process, by their label in metrics. */
export const MOSTS = {
  streams_of_member: {
    setting: 'MAX_MEMBER_STREAMS',
    by: 'member',
    most: 100,
    text: 'open streams of a member in a process',
    note: 'Further ones get `bye` with the reason `too_many_streams`.',
  },
  streams_of_address: {
    setting: 'MAX_ADDRESS_STREAMS',
    by: 'address',
    most: 5_000,
    text: 'open streams from an address in a process',
    note: 'Further ones get `bye` with the reason `too_many_streams`.',
  },
  channels_of_address: {
    setting: 'MAX_ADDRESS_CHANNELS',
    by: 'address',
    most: 20_000,
    text: 'channels on all streams from an address in a process',
    note: 'Further ones get `bye`, or 429 by `PUT`, with `too_many_streams`.',
  },
  connections_of_address: {
    setting: 'MAX_ADDRESS_CONNECTIONS',
    by: 'address',
    most: 10_000,
    text: 'connections from an address to a process, except streams',
    note: 'Only if clients connect without a proxy. Further ones are closed.',
  },
} as const satisfies Readonly<Record<string, Most>>;

export type RateName = keyof typeof RATES;
export type MostName = keyof typeof MOSTS;

/** The limits whose default depends on the machine: `MAX_CONNECTIONS`. */
export const OTHER_LIMITS = ['connections'] as const;

/** The label of a limit in metrics. */
export type LimitName = RateName | MostName | (typeof OTHER_LIMITS)[number];

/** All labels. */
export const LIMIT_NAMES: readonly string[] = [
  ...Object.keys(RATES),
  ...Object.keys(MOSTS),
  ...OTHER_LIMITS,
];
