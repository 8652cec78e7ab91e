import { datacenterOf } from './broadcast';

/** The origin of a datacenter's log: `dc1.1` of `dc1` and 1. */
export function originOf(datacenter: string, generation: number): string {
  return `${datacenter}.${generation}`;
}

/** The log generation of an origin: 1 of `dc1.1`. */
export function generationOf(origin: string): number {
  return Number(origin.split('.')[1]);
}

/** Orders origins by the datacenter's name, then by the log generation. */
export function compareOrigins(one: string, other: string): number {
  const [a, b] = [datacenterOf(one), datacenterOf(other)];
  if (a !== b) return a < b ? -1 : 1;
  return generationOf(one) - generationOf(other);
}
