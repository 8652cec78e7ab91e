import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { damaged, hostileTexts, jsonOf, placeTexts, someIds } from './texts';

/** A request to a server. */
export interface FuzzRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer | undefined;
}

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'PROPFIND', 'TRACE'];

/** Keys of requests' bodies. */
const KEYS = [
  ...['likeId', 'reaction', 'likes', 'commentId', 'text', 'value', 'messageId', 'option'],
  ...['__proto__', 'constructor', 'toJSON', 'at', 'place'],
];

const VALUES = [
  ...[{}, { likeId: 'a' }, { reaction: 'love' }, { likes: [{}, { likeId: 'b' }] }, { value: [1] }],
  ...[{ text: 'hello' }, { commentId: 'c', text: 'hi' }, { messageId: '12' }, { option: 'tea' }],
];

const PARAMETERS = [
  ...['channel', 'events', 'lastEventId', 'access_token', 'limit', 'before', 'after', 'upTo'],
  ...['from', 'known', 'atLeast', 'videoId', 'memberId', 'conversationId', '__proto__'],
];

/** Bodies: valid ones, near ones, and bytes. */
const bodies = fc
  .oneof(
    { weight: 4, arbitrary: fc.constantFrom(...VALUES).map((value) => JSON.stringify(value)) },
    { weight: 4, arbitrary: jsonOf(KEYS).map((value) => JSON.stringify(value) ?? '') },
    {
      weight: 3,
      arbitrary: damaged(fc.constantFrom(...VALUES).map((value) => JSON.stringify(value))),
    },
    { weight: 1, arbitrary: hostileTexts },
    {
      weight: 1,
      arbitrary: fc.constantFrom(
        ...['['.repeat(16_000), '{"value":'.repeat(1_700), `{"text":"${'x'.repeat(20_000)}"}`],
        `{"likes":[${'{},'.repeat(60)}{}]}`,
      ),
    },
  )
  .map((text) => Buffer.from(text));

const coded = bodies.chain((body) =>
  fc.constantFrom(
    ...Array.from({ length: 9 }, () => ({ body, coding: undefined })),
    { body: gzipSync(body), coding: 'gzip' },
    { body, coding: 'gzip' },
    { body, coding: 'br' },
    { body, coding: 'zstd' },
    { body: gzipSync(Buffer.alloc(500_000)), coding: 'gzip' },
  ),
);

const channels = fc.oneof(
  fc
    .tuple(fc.constantFrom('video', 'conversation', 'member', 'role', 'no'), someIds)
    .map((parts) => parts.join(':')),
  hostileTexts,
);

const parameters = fc.tuple(
  fc.constantFrom(...PARAMETERS),
  fc.oneof(placeTexts, someIds, channels, fc.integer().map(String)),
);

const queries = fc
  .array(parameters, { maxLength: 5 })
  .map((all) => all.map(([name, value]) => `${name}=${encode(value)}`).join('&'));

/** The query and the header of a stream, near to valid. */
const streamQueries = fc
  .record({
    channels: fc.array(channels, { minLength: 1, maxLength: 60 }),
    ids: fc.array(placeTexts, { maxLength: 3 }),
    events: fc.option(fc.oneof(fc.constantFrom('likes', 'likes,comments', ',,'), hostileTexts), {
      nil: undefined,
    }),
  })
  .map((of) => {
    const parts = [
      ...of.channels.map((name) => `channel=${encode(name)}`),
      ...of.ids.map((id) => `lastEventId=${encode(id)}`),
    ];
    return [...parts, ...(of.events === undefined ? [] : [`events=${encode(of.events)}`])].join(
      '&',
    );
  });

const headers = fc
  .dictionary(
    fc.constantFrom(
      ...['If-None-Match', 'Last-Event-ID', 'Content-Type', 'Accept-Encoding', 'Origin', 'Cookie'],
      ...['Authorization', 'X-Forwarded-For', 'Forwarded', 'Range', 'Accept', 'Expect', 'Host'],
      'If-Modified-Since',
    ),
    fc.oneof(
      fc.constantFrom(
        ...[
          '*',
          'W/"x"',
          'bytes=0-',
          'gzip',
          'null',
          'https://x.example',
          '100-continue',
          'text/x',
        ],
        ...['Bearer', 'Bearer a.b.c', 'Basic YTpi', 'likestream_session=a.b.c', '1.2.3.4, ::1'],
        ...['likestream_member=anonymous-x', 'application/json; charset=utf-7', 'localhost:1'],
      ),
      placeTexts,
      hostileTexts,
    ),
    { maxKeys: 3 },
  )
  .map((all) => Object.fromEntries(Object.entries(all).map(([name, text]) => [name, clean(text)])));

/** A valid body for the calls of a path, if one is known. */
function fittingBody(path: string): Buffer | undefined {
  const [, value] = FITTING.find(([pattern]) => pattern.test(path)) ?? [];
  return value && Buffer.from(JSON.stringify(value));
}

const FITTING: readonly (readonly [RegExp, object])[] = [
  [/\/likes$/, { reaction: 'love' }],
  [/\/comments$/, { text: 'hello' }],
  [/\/receipts$/, { messageId: '12' }],
  [/\/poll-votes$/, { option: 'tea' }],
  [/\/typing$/, {}],
  [/\/attributes\//, { value: [1] }],
];

/** Most requests have none: a hostile one hides what is behind its check. */
const someHeaders = fc.oneof(
  { weight: 3, arbitrary: fc.constant<Record<string, string>>({}) },
  { weight: 1, arbitrary: headers },
);

/** Requests for the calls of a description: methods and names in them are valid or not. */
export function requestsFor(calls: readonly string[]): fc.Arbitrary<FuzzRequest> {
  const called = fc
    .tuple(
      fc.constantFrom(...calls),
      fc.array(fc.oneof({ weight: 6, arbitrary: someIds }, channels), { minLength: 3 }),
      fc.oneof(
        { weight: 7, arbitrary: fc.constant(undefined) },
        { weight: 1, arbitrary: fc.constantFrom(...METHODS) },
      ),
      queries,
    )
    .map(([call, names, another, query]) => {
      const [own = '', template = ''] = call.split(' ');
      const path = template.replace(/\{\w+\}/g, () => encode(names.shift() ?? 'a'));
      return { method: another ?? own, path, query };
    });
  const streams = streamQueries.map((query) => ({ method: 'GET', path: '/stream', query }));
  const lost = fc.tuple(fc.constantFrom(...METHODS), hostileTexts).map(([method, text]) => {
    return { method, path: `/${encode(text)}`, query: '' };
  });
  const targets = fc.oneof(
    { weight: 8, arbitrary: called },
    { weight: 3, arbitrary: streams },
    { weight: 1, arbitrary: lost },
  );
  return fc
    .record({ target: targets, headers: someHeaders, content: coded, fits: fc.boolean() })
    .map(({ content: other, fits, headers: given, target: { method, path, query } }) => {
      const fitting = fits ? fittingBody(path) : undefined;
      const content = fitting ? { body: fitting, coding: undefined } : other;
      const hasBody = !['GET', 'HEAD'].includes(method);
      const coding: Record<string, string> = {};
      if (hasBody && content.coding) coding['Content-Encoding'] = content.coding;
      return {
        method,
        path: query ? `${path}?${query}` : path,
        headers: { ...given, ...coding },
        body: hasBody ? content.body : undefined,
      };
    });
}

/** The bytes of requests, with a few changed. */
export function damagedBytes(requests: fc.Arbitrary<FuzzRequest>): fc.Arbitrary<string> {
  return damaged(requests.map(bytesOf));
}

function bytesOf({ body = Buffer.of(), headers: given, method, path }: FuzzRequest): string {
  const lines = Object.entries({ Host: 'x', ...given, 'Content-Length': body.length });
  const head = lines.map(([name, value]) => `${name}: ${value}\r\n`).join('');
  return `${method} ${path} HTTP/1.1\r\n${head}\r\n${body.toString('latin1')}`;
}

/** Some texts are already escaped, so that broken escapes reach the server. */
function encode(text: string): string {
  return /^[!-"$-~]*$/.test(text) && !/[?&# ]/.test(text)
    ? text.replaceAll('/', '%2F')
    : [...Buffer.from(text)].map((byte) => `%${byte.toString(16).padStart(2, '0')}`).join('');
}

/** What a client can put into a header. */
function clean(text: string): string {
  return text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '').trim();
}
