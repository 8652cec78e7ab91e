/** The kinds of faults, each of which can be switched on by its name, and what each does. */
export const FAULT_KINDS = {
  network: 'calls are delayed, lost, doubled, or lose their answer',
  kill: 'producers, dispatchers and frontends are killed and started again',
  halt: 'a process stands still, longer than a session of the group lasts',
  crash: 'the whole datacenter goes down: memory is lost, and what was not synced',
  redis: 'directory and cache lose everything',
  disk: 'the disk is full',
  viewers: 'viewers are slow or lose their connection',
  links: 'links between datacenters are cut, repeat, or start over',
  late: 'the network holds appends for up to three windows and then delivers them',
  clocks: "a process's wall clock steps, from a second to ten years, and may step back",
  'log-clock': "the log's own clock steps in the same way, or all of a datacenter's together",
  flood: 'hundreds of likes of one video arrive while the store stands still',
  orphan: 'a producer dies before the store stands still; copies come when the owner dies',
  consumer: 'a consumer stops reading without leaving its group, and reads again later',
  future: 'ids come from the future, and again when their time has come',
  pairs: 'two faults strike at the same moment',
  tail: 'the log loses its last records: every owner must refuse to go on',
} as const;

export type FaultKind = keyof typeof FAULT_KINDS;

/** The faults of a run. */
export type Faults = ReadonlySet<FaultKind>;

/** Every kind. */
export const ALL_FAULTS: Faults = new Set(Object.keys(FAULT_KINDS) as FaultKind[]);

/** Faults after which the system must have recovered within `CLOCK_REST_MS`. */
const FAULTS_OF_CLOCKS: Faults = new Set<FaultKind>(['clocks', 'log-clock', 'future', 'pairs']);

/** From the last fault on, takeovers, leases and retries have this time; then the promise counts. */
const REST_MS = 15_000;

/** After clocks alone have stepped nothing has to be taken over. */
const CLOCK_REST_MS = 5_000;

/** How long after the last of these faults the promise counts, ms. */
export function restMs(faults: Faults): number {
  return [...faults].every((kind) => FAULTS_OF_CLOCKS.has(kind)) ? CLOCK_REST_MS : REST_MS;
}

/** The faults named in `text`, by comma; `all` or `none`. Throws for a name that is none. */
export function faultsIn(text: string): Faults {
  if (text === 'all') return ALL_FAULTS;
  if (text === 'none') return new Set();
  return new Set(text.split(',').map(faultKind));
}

/** The faults as `faultsIn` reads them. */
export function faultsText(faults: Faults): string {
  if (faults.size === ALL_FAULTS.size) return 'all';
  return faults.size === 0 ? 'none' : [...faults].join(',');
}

function faultKind(name: string): FaultKind {
  if (name in FAULT_KINDS) return name as FaultKind;
  throw new Error(`there is no fault ${name}; there are ${Object.keys(FAULT_KINDS).join(', ')}`);
}
