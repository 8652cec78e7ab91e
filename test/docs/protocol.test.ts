import { MAX_VIEWS_PER_CHANNEL } from '../../frontends/channels/channel';
import { HISTORY_WAIT_MS, WAIT_MS } from '../../frontends/channels/fan-out';
import { MAX_FRAME_BYTES } from '../../frontends/channels/parts';
import { HEARTBEAT_MS, SLOW_VIEWER_MS } from '../../frontends/viewers/heartbeats';
import { MAX_CHANNELS_PER_STREAM } from '../../frontends/viewers/sessions';
import { MAX_BODY_BYTES } from '../../runtime/body';
import { MOSTS, RATES } from '../../runtime/limits/catalogue';
import { MAX_REQUESTS_IN_FLIGHT } from '../../runtime/pipelining';
import { MAX_AHEAD_MS } from '../../schemas/dedupe-window';
import { ERRORS, RETRY_AFTER_S } from '../../schemas/errors';
import { DEFAULT_REACTIONS, likes } from '../../schemas/likes';
import { MAX_PLACE_BYTES, MAX_PLACE_CHANNELS } from '../../schemas/place';
import { blocksOf, codeIn, fileText, rowsOf, sectionOf } from './page';
import { foundIn, productSources, routesIn } from './source';

const PAGE = fileText('docs/protocol.md');
const SOURCES = productSources();

/** The paths of `app/admin-routes.ts`, which adds two routes to each. */
const ADMIN_PATHS = foundIn(SOURCES, /['`](\/admin\/[^'`]*)['`]/g).map((path) =>
  path.replace(/\$\{kind\}s\/:id/, 'videos/{videoId}').replace('members/:id', 'members/{memberId}'),
);

/** The events of the built-in types. */
const EVENTS_OF_TYPES = [
  ...['likes', 'comment', 'comment_deleted', 'gap', 'viewers', 'attribute'],
  ...['receipt', 'typing', 'presence'],
];

describe('docs/protocol.md', () => {
  it('names every route of the servers', () => {
    const routes = routesIn(SOURCES);
    expect(routes).toContain('PUT /stream/{connectionId}/channels/{channel}');
    expect(routes).toContain('POST /deliveries');
    // `PUT`, `DELETE /path` names two routes.
    const named = PAGE.replace(/`(PUT)`(?:,| and) `(DELETE) (\S+)`/g, '`$1 $3` `$2 $3`');
    expect(routes.filter((route) => !named.includes(`\`${route}`))).toEqual([]);
  });

  it('names no route that does not exist', () => {
    const named = [...PAGE.matchAll(/`(GET|POST|PUT|DELETE) (\/[\w{}/-]*)/g)];
    const paths = [...routesIn(SOURCES).map((route) => route.split(' ')[1]), ...ADMIN_PATHS];
    expect(named.map(([, , path]) => path).filter((path) => !paths.includes(path))).toEqual([]);
  });

  it('has every event of the stream in its table, and no other', () => {
    const events = rowsOf(sectionOf(PAGE, '### `GET /stream?channel={channel}`'))
      .filter((cells) => cells.length === 3)
      .map(([name]) => codeIn(name));
    const ofStream = foundIn(SOURCES, /\b(?:eventLines|linesOf)\('(\w+)'/g);
    expect(events.sort()).toEqual([...ofStream, ...EVENTS_OF_TYPES].sort());
  });

  it('has every reason of `bye`, and no other', () => {
    const reasons = rowsOf(sectionOf(PAGE, '### Closing')).map(([name]) => codeIn(name));
    const given = foundIn(SOURCES, /\.end(?:Soon)?\([^()]*?(?<![\w'])'(\w+)'/g);
    const refused = foundIn(
      SOURCES.filter(({ path }) => path.startsWith('frontends')),
      /LikestreamError\('(full|draining|too_many_streams)'/g,
    );
    expect(given).toContain('slow');
    expect(reasons.sort()).toEqual([...new Set([...given, ...refused])].sort());
  });

  it('has every error code with its status, and whether a retry can help', () => {
    const rows = rowsOf(sectionOf(PAGE, '## Errors'));
    const said = rows.map(([code, status, , later]) => [codeIn(code), Number(status), later]);
    const retriable = said.filter(([, , later]) => later === 'yes').map(([code]) => code);
    expect(said.map(([code, status]) => [code, status])).toEqual(
      expect.arrayContaining(Object.entries(ERRORS).map(([code, { status }]) => [code, status])),
    );
    expect(said).toHaveLength(Object.keys(ERRORS).length);
    const codes = Object.entries(ERRORS).filter(([, error]) => 'retriable' in error);
    expect(retriable.sort()).toEqual(codes.map(([code]) => code).sort());
    expect(PAGE).toContain(`\`Retry-After: ${RETRY_AFTER_S}\``);
  });

  it('has the limits that the code has', () => {
    const values = rowsOf(sectionOf(PAGE, '## Limits')).map(([, value]) => value);
    expect(values).toEqual([
      `${likes.maxPerRequest}`,
      `${MAX_CHANNELS_PER_STREAM}`,
      `${MAX_BODY_BYTES / 1024} KiB`,
      `${MAX_PLACE_BYTES.toLocaleString('en-US')} bytes`,
      `${MAX_PLACE_CHANNELS}`,
      `${MAX_FRAME_BYTES / 1024} KiB`,
      `${MAX_VIEWS_PER_CHANNEL}`,
      `${HEARTBEAT_MS / 1_000} s`,
      `${SLOW_VIEWER_MS / 1_000} s`,
      `${WAIT_MS / 1_000} s`,
      `${HISTORY_WAIT_MS / 1_000} s`,
      `${MAX_REQUESTS_IN_FLIGHT}`,
      `${MAX_AHEAD_MS / 3_600_000} h`,
    ]);
  });

  it('has the default reactions', () => {
    expect(PAGE).toContain(`\`${DEFAULT_REACTIONS.join(' ')}\``);
  });

  it('has JSON that parses, one object a line', () => {
    const lines = blocksOf(PAGE)
      .flatMap(({ text }) => text.split('\n'))
      .map((line) => line.replace(/^data: /, ''))
      .filter((line) => /^[{[]/.test(line));
    expect(lines.length).toBeGreaterThan(12);
    for (const line of lines) expect(() => JSON.parse(line)).not.toThrow();
  });
});

it('docs/protocol.md has the limits of members and addresses that the code has', () => {
  const rows = rowsOf(sectionOf(PAGE, '## Limits of members and addresses'));
  const { bad_tokens, entries, joins, names, published, requests, signals, texts } = RATES;
  const rates = [entries, texts, signals, published, names, requests, joins, bad_tokens];
  const number = (value: number) => value.toLocaleString('en-US');
  expect(rows.map(([, , value]) => value)).toEqual([
    ...rates.map(({ burstS, perS }) => {
      return `${number(perS)} a second, ${number(perS * burstS)} at once`;
    }),
    `${MOSTS.streams_of_member.most}; ${number(MOSTS.streams_of_address.most)}`,
    number(MOSTS.channels_of_address.most),
  ]);
});
