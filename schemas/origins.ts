/**
 * An origin is a source of version numbers: one generation of a datacenter's log, `dc1.1`, or a
 * part of it, `dc1.1.3`.
 */
export const ORIGIN_PATTERN = /^[a-z0-9]{1,64}\.\d{1,15}(\.\d{1,15})?$/;

/** The origin of a datacenter's log: `dc1.1` of `dc1` and 1. */
export function originOf(datacenter: string, generation: number): string {
  return `${datacenter}.${generation}`;
}

/** The origin of a datacenter's leased states, which have no log: `dc1.0` of `dc1`. */
export function leasedOriginOf(datacenter: string): string {
  return originOf(datacenter, 0);
}

/** The datacenter of an origin: `dc1` of `dc1.1`. */
export function datacenterOf(origin: string): string {
  return origin.slice(0, origin.indexOf('.'));
}

/** The log generation of an origin: 1 of `dc1.1` and of `dc1.1.3`. */
export function generationOf(origin: string): number {
  return Number(origin.split('.')[1]);
}

/** Orders origins by the datacenter's name, then by the log generation, then by the part. */
export function compareOrigins(one: string, other: string): number {
  const [a = '', generation = 0, part = -1] = one.split('.');
  const [b = '', otherGeneration = 0, otherPart = -1] = other.split('.');
  if (a !== b) return a < b ? -1 : 1;
  return Number(generation) - Number(otherGeneration) || Number(part) - Number(otherPart);
}

/**
 * The origin whose copy of an entry counts: the earliest one that did not withdraw it. If all have
 * withdrawn it, the counted copy is not readable here yet; then the earliest origin is returned.
 */
export function countedOrigin(
  origins: readonly string[],
  withdrawn: ReadonlySet<string>,
): string | undefined {
  const sorted = [...origins].sort(compareOrigins);
  return sorted.find((origin) => !withdrawn.has(origin)) ?? sorted[0];
}
