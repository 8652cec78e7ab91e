import { fingerprint } from './hash';
import type { Vector } from './state';

/** The place of a viewer in one channel: the versions that it has seen, and their total. */
export interface Place {
  readonly total: number;
  readonly versions: ReadonlyMap<string, number>;
}

/** A viewer's places by `channelKey`. */
export type Places = ReadonlyMap<bigint, Place>;

/** The longest id. Channels that do not fit into it get snapshots after a reconnection. */
export const MAX_PLACE_BYTES = 4096;

const COMPACT_MARK = '~';
const COMPACT_VERSION = 1;
const MAX_ORIGINS = 64;
const SINGLE = /^([a-z]+:[A-Za-z0-9_.-]{1,64})\/(\d{1,15})\/([a-z0-9.@,]*)$/;
const ORIGIN_AT_VERSION = /^([a-z0-9]{1,64}\.\d{1,15})@(\d{1,15})$/;

/** The key of a channel in an id of several channels. */
export function channelKey(channel: string): bigint {
  return fingerprint('place', channel);
}

/** The place of a viewer that has seen this vector. */
export function placeOf(total: number, vector: Vector) {
  const versions = new Map<string, number>();
  for (const origin of Object.keys(vector)) versions.set(origin, vector[origin]?.version ?? 0);
  return { total, versions };
}

/** The id of a viewer of one channel, as in `video:42/1291/dc1.1@1203,dc2.1@88`. */
export function encodeSingle(channel: string, place: Place): string {
  const versions = [...place.versions].map(([origin, version]) => `${origin}@${version}`);
  return `${channel}/${place.total}/${versions.join(',')}`;
}

/**
 * The id of a viewer of several channels: `~` and base64url of format version, the origins' names,
 * then for each channel its key, total and version by origin, as LEB128 varints. Channels come most
 * recent first; those that do not fit into `MAX_PLACE_BYTES` are left out.
 */
export function encodeSeveral(places: Iterable<readonly [bigint, Place]>): string {
  const names: string[] = [];
  const body: number[] = [];
  for (const [key, place] of places) {
    const before = { bytes: body.length, names: names.length };
    writeChannel(body, names, key, place);
    if (names.join().length + body.length > (MAX_PLACE_BYTES * 3) / 4 - 64) {
      body.length = before.bytes;
      names.length = before.names;
      break;
    }
  }
  const head: number[] = [COMPACT_VERSION];
  writeVarint(head, names.length);
  for (const name of names) head.push(name.length, ...Buffer.from(name, 'latin1'));
  return COMPACT_MARK + Buffer.from([...head, ...body]).toString('base64url');
}

/** Decodes an id of either form; undefined if it is not valid. */
export function decodePlaces(text: string): Places | undefined {
  if (text.length > MAX_PLACE_BYTES) return undefined;
  if (!text.startsWith(COMPACT_MARK)) return decodeSingle(text);
  try {
    return decodeSeveral(Buffer.from(text.slice(1), 'base64url'));
  } catch (error) {
    if (error instanceof UnreadablePlace) return undefined;
    throw error;
  }
}

function decodeSingle(text: string): Places | undefined {
  const [, channel, total, list] = SINGLE.exec(text) ?? [];
  if (channel === undefined || list === undefined) return undefined;
  const versions = new Map<string, number>();
  for (const part of list === '' ? [] : list.split(',', MAX_ORIGINS + 1)) {
    const [, origin, version] = ORIGIN_AT_VERSION.exec(part) ?? [];
    if (origin === undefined || versions.size === MAX_ORIGINS) return undefined;
    versions.set(origin, Number(version));
  }
  return new Map([[channelKey(channel), { total: Number(total), versions }]]);
}

function writeChannel(body: number[], names: string[], key: bigint, place: Place): void {
  for (let shift = 0n; shift < 64n; shift += 8n) body.push(Number((key >> shift) & 0xffn));
  writeVarint(body, place.total);
  writeVarint(body, place.versions.size);
  for (const [origin, version] of place.versions) {
    if (!names.includes(origin)) names.push(origin);
    writeVarint(body, names.indexOf(origin));
    writeVarint(body, version);
  }
}

function decodeSeveral(bytes: Buffer): Places {
  const reader = new Reader(bytes);
  if (reader.byte() !== COMPACT_VERSION) throw new UnreadablePlace('format version');
  const names: string[] = [];
  for (let left = reader.origins(); left > 0; left--) names.push(reader.text(reader.byte()));
  const places = new Map<bigint, Place>();
  while (!reader.ended) {
    const key = reader.key();
    const total = reader.varint();
    const versions = new Map<string, number>();
    for (let left = reader.origins(); left > 0; left--) {
      const name = names[reader.varint()];
      if (name === undefined) throw new UnreadablePlace('origin');
      versions.set(name, reader.varint());
    }
    places.set(key, { total, versions });
  }
  return places;
}

function writeVarint(into: number[], value: number): void {
  let rest = value;
  while (rest > 0x7f) {
    into.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  into.push(rest);
}

class UnreadablePlace extends Error {}

/** Reads bytes in order; a read past the end throws `UnreadablePlace`. */
class Reader {
  private at = 0;
  constructor(private readonly bytes: Buffer) {}

  get ended(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    return this.bytes.readUInt8(this.take(1));
  }

  key(): bigint {
    return this.bytes.readBigUInt64LE(this.take(8));
  }

  text(length: number): string {
    const start = this.take(length);
    return this.bytes.toString('latin1', start, start + length);
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; scale <= 0x80 ** 7; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) break;
        return value;
      }
    }
    throw new UnreadablePlace('varint');
  }

  /** A number of origins. */
  origins(): number {
    const count = this.varint();
    if (count > MAX_ORIGINS) throw new UnreadablePlace('too many origins');
    return count;
  }

  private take(count: number): number {
    const start = this.at;
    this.at += count;
    if (this.at > this.bytes.length) throw new UnreadablePlace('the end');
    return start;
  }
}
