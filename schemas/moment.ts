import { z } from 'zod';
import { id } from './ids';
import { type } from './report';

/** A moment, or a value of a leased feed for other datacenters. */
export interface Moment {
  readonly channel: string;
  /** The name of its event type. */
  readonly type: string;
  /** The member who sent it; absent in a value of a leased feed. */
  readonly memberId?: string | undefined;
  /** The body, or the joined value of the datacenter's own workers; absent if there is none. */
  readonly value?: unknown;
  /** Of a leased feed, the version and the life of its state (`Contributed`). */
  readonly version?: number | undefined;
  readonly life?: string | undefined;
}

/** The process that has sent a moment, and when. */
export interface Sending {
  /** The id of the process's life. */
  readonly by: string;
  /** The time by its monotonic clock, ms: no wall clock decides what is too old. */
  readonly ms: number;
  /**
   * The time by its wall clock, ms since the epoch: a mirror that repeats a record gives the copy a
   * new append time. Absent in records of earlier versions.
   */
  readonly t?: number | undefined;
}

const MAX_LIFE_LENGTH = 64;

const record = z.object({
  by: id,
  ms: z.number(),
  t: z.number().optional(),
  repeatsAll: z.boolean().optional(),
  type: type.optional(),
  memberId: id.optional(),
  value: z.unknown().optional(),
  version: z.int().optional(),
  life: z.string().max(MAX_LIFE_LENGTH).optional(),
});

/** The record of a moment, as JSON; its key is the channel. */
export function encodeMoment({ channel: _, ...moment }: Moment, { by, ms, t }: Sending): string {
  return JSON.stringify({ ...moment, by, ms, t });
}

/** The record of a heartbeat of a datacenter, as JSON. */
export function encodeHeartbeat({ by, ms, t }: Sending, repeatsAll: boolean): string {
  return JSON.stringify({ by, ms, t, repeatsAll });
}

/** What a record has: a moment, or a heartbeat if that is undefined. */
export interface ParsedMoment {
  readonly sending: Sending;
  readonly moment: Moment | undefined;
  /** Of a heartbeat: whether its process has repeated all values that it had to repeat. */
  readonly repeatsAll: boolean;
}

/** Parses a record; throws if it is none of ours. Values and bodies are not verified. */
export function parseMoment(channel: string, text: string): ParsedMoment {
  const { by, ms, t, repeatsAll = false, type: name, ...fields } = record.parse(JSON.parse(text));
  const moment = name === undefined ? undefined : { channel, type: name, ...fields };
  return { sending: { by, ms, t }, moment, repeatsAll };
}
