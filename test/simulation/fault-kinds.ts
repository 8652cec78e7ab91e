/** The kinds of faults, by the name that switches each on, with a description. */
export const FAULT_KINDS = {
  network: 'calls are delayed, lost, doubled, or lose their answer',
  kill: 'producers, dispatchers and frontends are killed and started again',
  halt: 'a process is stopped for longer than a group session',
  crash: 'the whole datacenter goes down: memory and unsynced writes are lost',
  redis: 'directory and cache lose everything',
  'redis-older': 'directory and cache go back to a copy of up to 12 s ago',
  'redis-promoted': 'a replica of Redis takes over that lacks up to the last 2 s',
  disk: 'the disk is full',
  viewers: 'viewers are slow, lose their connections, or leave a channel for a moment',
  links: 'links between datacenters are cut, repeat records, or restart',
  stores: 'the stores of two datacenters are cut apart, and old ids are sent to both',
  feed: 'new owners read the updates of peers late, after their own log',
  half: 'an owner is halted after it delivered to one frontend and to no other',
  unpublished: 'a frontend is killed, and the answer to the first removal of its values is lost',
  late: 'the network holds appends for up to three windows and then delivers them',
  clocks: "a process's wall clock steps, from a second to ten years, and may step back",
  'log-clock': "the log's clock steps, or all clocks of a datacenter together",
  flood: 'hundreds of likes or votes of one video arrive while the store is blocked',
  orphan: 'a producer dies, the store blocks, and copies arrive when the owner dies',
  consumer: 'a consumer stops reading without leaving its group, and reads again later',
  future: 'ids from the future arrive, and again at their own time',
  pairs: 'two faults strike at the same moment',
  tail: 'the log loses its last records: every owner must end',
} as const;

export type FaultKind = keyof typeof FAULT_KINDS;

/** The faults of a run. */
export type Faults = ReadonlySet<FaultKind>;

/** Every kind. */
export const ALL_FAULTS: Faults = new Set(Object.keys(FAULT_KINDS) as FaultKind[]);

/** Faults from which the system must recover within `CLOCK_REST_MS`. */
const FAULTS_OF_CLOCKS: Faults = new Set<FaultKind>(['clocks', 'log-clock', 'future', 'pairs']);

/** Time for takeovers, leases and retries after the last fault; then the promise is checked. */
const REST_MS = 15_000;

/** After clock steps only, no takeover is needed, so this is shorter. */
const CLOCK_REST_MS = 5_000;

/** The time between the last of these faults and the check of the promise, ms. */
export function restMs(faults: Faults): number {
  return [...faults].every((kind) => FAULTS_OF_CLOCKS.has(kind)) ? CLOCK_REST_MS : REST_MS;
}

/** Parses names separated by commas, or `all` or `none`. Throws for an unknown name. */
export function faultsIn(text: string): Faults {
  if (text === 'all') return ALL_FAULTS;
  if (text === 'none') return new Set();
  return new Set(text.split(',').map(faultKind));
}

/** The faults as text that `faultsIn` parses. */
export function faultsText(faults: Faults): string {
  if (faults.size === ALL_FAULTS.size) return 'all';
  return faults.size === 0 ? 'none' : [...faults].join(',');
}

function faultKind(name: string): FaultKind {
  if (name in FAULT_KINDS) return name as FaultKind;
  throw new Error(`there is no fault ${name}; there are ${Object.keys(FAULT_KINDS).join(', ')}`);
}
