import { readFileSync } from 'node:fs';

/** Descriptors that are left for logs, stores and other servers, or this part of all. */
const RESERVE = 1_024;
const RESERVE_PART = 0.25;

/** Of the connections, so many may be streams: writes come by the others. */
const STREAMS_PART = 0.8;

const SOFT_LIMIT = /^Max open files\s+(\d+)/m;

/** The most descriptors that this process may open; Infinity if the platform does not say. */
export function descriptorLimit(
  read: () => string = () => readFileSync('/proc/self/limits', 'utf8'),
): number {
  try {
    return Number(SOFT_LIMIT.exec(read())?.[1] ?? Infinity);
  } catch {
    return Infinity;
  }
}

/** The connections for which a process has descriptors. */
export function connectionsWithin(descriptors: number): number {
  if (descriptors === Infinity) return Infinity;
  return Math.max(1, Math.floor(descriptors - Math.min(RESERVE, descriptors * RESERVE_PART)));
}

/** The streams among so many connections. */
export function streamsWithin(connections: number): number {
  return Math.floor(connections * STREAMS_PART);
}
