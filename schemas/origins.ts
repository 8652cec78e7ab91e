import { datacenterOf } from './peer-update';

/** The origin of a datacenter's log: `dc1.1` of `dc1` and 1. */
export function originOf(datacenter: string, generation: number): string {
  return `${datacenter}.${generation}`;
}

/** The log generation of an origin: 1 of `dc1.1`. */
export function generationOf(origin: string): number {
  return Number(origin.slice(origin.indexOf('.') + 1));
}

/** Orders origins by the datacenter's name, then by the log generation. */
export function compareOrigins(one: string, other: string): number {
  const [a, b] = [datacenterOf(one), datacenterOf(other)];
  if (a !== b) return a < b ? -1 : 1;
  return generationOf(one) - generationOf(other);
}

/**
 * The origin whose copy of a like counts: the earliest one that did not withdraw it. If all have
 * withdrawn it, the counted copy is not readable here yet; then the earliest origin is returned.
 */
export function countedOrigin(
  origins: readonly string[],
  withdrawn: ReadonlySet<string>,
): string | undefined {
  const sorted = [...origins].sort(compareOrigins);
  return sorted.find((origin) => !withdrawn.has(origin)) ?? sorted[0];
}
