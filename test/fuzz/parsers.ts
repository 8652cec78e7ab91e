import fc from 'fast-check';
import { z } from 'zod';
import { eventTypesOf } from '../../app/event-types';
import { parsePageQuery } from '../../producers/history-query';
import { RequestShape } from '../../producers/request-shape';
import { readSettings } from '../../runtime/settings/settings';
import { delivery, joined, membership, renewal, renewed } from '../../schemas/delivery';
import { LikestreamError } from '../../schemas/errors';
import { decodeAllPlaces, parseVectorText } from '../../schemas/place';
import { mutated } from './mutation';
import { damaged, hostileTexts, jsonOf, placeTexts, someIds } from './texts';

const types = eventTypesOf(readSettings({ EVENT_TYPES: 'docs/examples/poll-votes.js' }));

/** What a parser does with an input; it throws only errors of the two known classes. */
interface Parser {
  readonly name: string;
  readonly inputs: fc.Arbitrary<unknown>;
  readonly parse: (input: never) => unknown;
}

const KEYS = [
  ...['like', 'love', 'version', 'state', 'dc1.1', 'entries', 'deletions', 'id', 'memberId', 'at'],
  ...['body', 'text', 'offset', 'floor', 'count', 'cells', 'key', 'stamp', 'value', 'peak'],
  ...['likes', 'likeId', 'reaction', 'channel', 'join', 'worker', 'url', '__proto__', 'online'],
];

const STATES = [
  { like: 3, love: 1 },
  { entries: [], deletions: [], floor: 0, count: 0 },
  { cells: [{ key: 'a', version: 1, at: 5, stamp: 1, value: 'x' }] },
  { count: 1, peak: 2 },
  { online: true },
];

const vectors = mutated(
  fc.constantFrom(...STATES).map((state) => ({ 'dc1.1': { version: 3, state } })),
  KEYS,
);

const requests = mutated(
  fc.constantFrom<unknown>(
    ...[{}, { likeId: 'a', reaction: 'love' }, { likes: [{}, { likeId: 'b' }] }, { text: 'hi' }],
    ...[{ commentId: 'c', text: 'a\u0301' }, { messageId: '7' }, { option: 'tea' }],
  ),
  KEYS,
).filter((value) => typeof value === 'object' && value !== null && !Array.isArray(value));

const shapes: readonly Parser[] = types.logged.map((type) => {
  const shape = new RequestShape(type);
  const parse = (body: object) => shape.parse(body);
  return { name: `a request with ${type.name}`, inputs: requests, parse };
});

/** A view of whatever states the shapes let through, and what viewers are sent of it. */
const views: readonly Parser[] = types.all.map(({ name, policy }) => ({
  name: `a vector of ${name}`,
  inputs: vectors,
  parse(vector: never) {
    const verified = types.parseVector(name, vector);
    const view = policy.view(verified);
    const seen = { total: 0, versions: new Map() };
    const context = { oldestAt: 0, seen: '', channelId: 'a', maxEntries: 50 };
    return [policy.snapshot(view), policy.answer?.(view), policy.news(view, seen, context)];
  },
}));

const MESSAGES = { delivery, joined, membership, renewal, renewed };

const messages: readonly Parser[] = Object.entries(MESSAGES).map(([name, shape]) => ({
  name,
  inputs: fc.oneof(jsonOf(KEYS), vectors),
  parse: (value: never) => shape.parse(value),
}));

/** A query as Koa parses it. */
const queries = fc.dictionary(
  fc.constantFrom('limit', 'before', 'after', 'upTo', 'from', 'known'),
  fc.oneof(placeTexts, someIds, fc.array(placeTexts, { maxLength: 3 }), fc.integer().map(String)),
);

/** All parsers of what comes from outside. */
export const PARSERS: readonly Parser[] = [
  ...[...shapes, ...views, ...messages],
  {
    name: 'event ids',
    inputs: fc.array(damaged(placeTexts), { maxLength: 4 }),
    parse: (ids: never) => decodeAllPlaces(ids),
  },
  { name: 'vectors', inputs: damaged(placeTexts), parse: (text: never) => parseVectorText(text) },
  { name: 'pages', inputs: queries, parse: (query: never) => parsePageQuery(query) },
  { name: 'channels', inputs: hostileTexts, parse: (text: never) => types.parseChannel(text) },
];

/** Runs a parser; rejects if it throws an error of another class, or one that is not a 4xx. */
export function fuzzParser({ inputs, parse }: Parser, numRuns: number, seed: number): void {
  const property = fc.property(inputs, (input) => {
    try {
      parse(input as never);
    } catch (error) {
      if (error instanceof z.ZodError) return;
      if (error instanceof LikestreamError && error.status < 500) return;
      throw error;
    }
  });
  fc.assert(property, { numRuns, seed });
}
