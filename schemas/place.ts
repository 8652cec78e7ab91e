import type { Seen } from './event-type';
import { fingerprint } from './hash';
import { compareOrigins, ORIGIN_PATTERN } from './origins';
import { PlaceReader, UnreadablePlace, writeText, writeVarint } from './place-bytes';
import type { Vector } from './state';

/** The place of a viewer in one channel: what it has seen of each feed, by event type. */
export type Place = ReadonlyMap<string, Seen>;

/** A viewer's places by `channelKey`. */
export type Places = ReadonlyMap<bigint, Place>;

/** The longest id. Channels that do not fit into it get snapshots after a reconnection. */
export const MAX_PLACE_BYTES = 4096;

/** The most channels that are read from all event ids of a request. */
export const MAX_PLACE_CHANNELS = 50;

const COMPACT_MARK = '~';
const COMPACT_VERSION = 2;
const MAX_ORIGINS = 64;
const MAX_FEEDS = 32;
/** The names of types and origins in an id. */
const MAX_NAMES = MAX_ORIGINS + MAX_FEEDS;
const TYPE = /^[a-z][a-z0-9-]{0,31}$/;
const SINGLE = /^([a-z]+:[A-Za-z0-9_.-]{1,64})\/([a-z0-9.@,=:;-]*)$/;
const FEED = /^([a-z][a-z0-9-]{0,31})=(\d{1,15}):([a-z0-9.@,]*)$/;

/** The key of a channel in an id of several channels. */
export function channelKey(channel: string): bigint {
  return fingerprint('place', channel);
}

/** What a viewer of this vector has seen; `total` is the policy's. Origins are in order. */
export function seenOf(total: number, vector: Vector): Seen {
  const origins = Object.keys(vector);
  if (origins.length > 1) origins.sort(compareOrigins);
  const versions = new Map<string, number>();
  for (const origin of origins) versions.set(origin, vector[origin]?.version ?? 0);
  return { total, versions };
}

/** Versions as text, in the order of their origins: `dc1.1@1203,dc2.1@88`. */
export function vectorText(versions: ReadonlyMap<string, number>): string {
  let text = '';
  for (const [origin, version] of versions) {
    text += `${text === '' ? '' : ','}${origin}@${version}`;
  }
  return text;
}

/** The id of a viewer of one channel: `video:42/likes=1291:dc1.1@1203,dc2.1@88;votes=0:`. */
export function encodeSingle(channel: string, place: Place): string {
  return singleId(
    channel,
    [...place].map(([type, seen]) => feedText(type, seen)),
  );
}

/** One feed in the id of a viewer of one channel: `likes=1291:dc1.1@1203`. */
export function feedText(type: string, { total, versions }: Seen): string {
  return `${type}=${total}:${vectorText(versions)}`;
}

/** The id of a viewer of one channel, from the texts of its feeds (`feedText`). */
export function singleId(channel: string, feeds: readonly string[]): string {
  return `${channel}/${feeds.join(';')}`;
}

/**
 * The id of a viewer of several channels: `~` and base64url of format version, the names of types
 * and of origins, then for each channel its key and for each feed total and version by origin, as
 * LEB128 varints. Channels come most recent first; those that do not fit into `MAX_PLACE_BYTES` are
 * left out.
 */
export function encodeSeveral(places: Iterable<readonly [bigint, Place]>): string {
  const names: string[] = [];
  const body: number[] = [];
  for (const [key, place] of places) {
    const before = { bytes: body.length, names: names.length };
    writeChannel(body, names, key, place);
    const isTooLong = names.join().length + body.length > (MAX_PLACE_BYTES * 3) / 4 - 128;
    if (isTooLong || names.length > MAX_NAMES) {
      body.length = before.bytes;
      names.length = before.names;
      break;
    }
  }
  const head: number[] = [COMPACT_VERSION];
  writeVarint(head, names.length);
  for (const name of names) writeText(head, name);
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

/**
 * Decodes all ids of a request. Ids that are not valid are ignored; of a channel in several ids the
 * first one counts, and of all channels the first `MAX_PLACE_CHANNELS`.
 */
export function decodeAllPlaces(texts: readonly string[]): Places {
  const all = new Map<bigint, Place>();
  for (const text of texts) {
    for (const [key, place] of decodePlaces(text) ?? []) {
      if (all.size < MAX_PLACE_CHANNELS && !all.has(key)) all.set(key, place);
    }
  }
  return all;
}

function decodeSingle(text: string): Places | undefined {
  const [, channel, list] = SINGLE.exec(text) ?? [];
  if (channel === undefined || list === undefined) return undefined;
  const place = new Map<string, Seen>();
  for (const part of list === '' ? [] : list.split(';', MAX_FEEDS + 1)) {
    const [, type, total, vector] = FEED.exec(part) ?? [];
    const versions = vector === undefined ? undefined : parseVectorText(vector);
    if (type === undefined || !versions || place.size === MAX_FEEDS) return undefined;
    place.set(type, { total: Number(total), versions });
  }
  return new Map([[channelKey(channel), place]]);
}

/** Parses `vectorText`; undefined if it is not valid. */
export function parseVectorText(text: string): ReadonlyMap<string, number> | undefined {
  const versions = new Map<string, number>();
  for (const part of text === '' ? [] : text.split(',', MAX_ORIGINS + 1)) {
    const at = part.indexOf('@');
    const [origin, version] = [part.slice(0, Math.max(at, 0)), part.slice(at + 1)];
    const isValid = ORIGIN_PATTERN.test(origin) && /^\d{1,15}$/.test(version);
    if (!isValid || versions.size === MAX_ORIGINS) return undefined;
    versions.set(origin, Number(version));
  }
  return versions;
}

function writeChannel(body: number[], names: string[], key: bigint, place: Place): void {
  for (let shift = 0n; shift < 64n; shift += 8n) body.push(Number((key >> shift) & 0xffn));
  writeVarint(body, place.size);
  for (const [type, { total, versions }] of place) {
    writeVarint(body, indexOf(names, type));
    writeVarint(body, total);
    writeVarint(body, versions.size);
    for (const [origin, version] of versions) {
      writeVarint(body, indexOf(names, origin));
      writeVarint(body, version);
    }
  }
}

function indexOf(names: string[], name: string): number {
  const at = names.indexOf(name);
  return at >= 0 ? at : names.push(name) - 1;
}

function decodeSeveral(bytes: Buffer): Places {
  const reader = new PlaceReader(bytes);
  if (reader.byte() !== COMPACT_VERSION) throw new UnreadablePlace('format version');
  const names: string[] = [];
  for (let left = reader.count(MAX_NAMES); left > 0; left--) {
    names.push(reader.text());
  }
  const places = new Map<bigint, Place>();
  while (!reader.ended) places.set(reader.key(), readPlace(reader, names));
  return places;
}

function readPlace(reader: PlaceReader, names: readonly string[]): Place {
  const place = new Map<string, Seen>();
  for (let feeds = reader.count(MAX_FEEDS); feeds > 0; feeds--) {
    const type = nameIn(reader, names, TYPE);
    const total = reader.varint();
    const versions = new Map<string, number>();
    for (let origins = reader.count(MAX_ORIGINS); origins > 0; origins--) {
      versions.set(nameIn(reader, names, ORIGIN_PATTERN), reader.varint());
    }
    place.set(type, { total, versions });
  }
  return place;
}

// A viewer's own place may be in the ids that it is sent, as text: a line break would end the id.
function nameIn(reader: PlaceReader, names: readonly string[], pattern: RegExp): string {
  const name = reader.name(names);
  if (!pattern.test(name)) throw new UnreadablePlace('name');
  return name;
}
