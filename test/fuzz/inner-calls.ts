import fc from 'fast-check';
import { mutated } from './mutation';
import { hostileTexts, placeTexts, someIds } from './texts';

/** A call between services. */
export interface InnerCall {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  readonly path: string;
  readonly body: string;
  readonly member: string;
}

const KEYS = [
  ...['worker', 'id', 'url', 'digest', 'turn', 'join', 'leave', 'buckets', 'reports', 'channel'],
  ...['to', 'updates', 'type', 'vector', 'version', 'state', 't', 'seen', 'dc1.1', 'likes'],
  ...['comments', 'viewers', 'entries', 'deletions', 'floor', 'count', 'cells', '__proto__'],
];

const channel = fc.oneof(someIds, hostileTexts).map((id) => `video:${id}`);
const types = fc.constantFrom('likes', 'comments', 'viewers', 'visitors', 'attributes', 'none');
const states = fc.oneof(
  fc.constantFrom<unknown>(
    ...[{ like: 3 }, { count: 2, peak: 3 }, { cells: [] }, { online: true }, {}, 'AAAA'],
    { entries: [], deletions: [], floor: 0, count: 0 },
    { like: 2 ** 53 },
    { like: -5 },
  ),
);

/** Valid bodies by path; `worker` is a worker that exists. */
function bodiesOf(worker: string) {
  const id = fc.oneof(fc.constant(worker), someIds);
  const turn = fc.nat();
  const vector = fc.record({ 'dc1.1': fc.record({ version: fc.maxSafeNat(), state: states }) });
  const update = fc.record({ channel, type: types, vector, t: fc.nat() });
  const report = fc.record({ channel, type: types, number: fc.nat(), value: states });
  return {
    '/renewals': fc.record({
      worker: fc.record({ id, url: fc.webUrl() }),
      digest: fc.array(fc.nat(), { maxLength: 300 }),
      turn,
    }),
    '/memberships': fc.record({
      worker: fc.record({ id, url: fc.webUrl() }),
      turn,
      join: fc.array(channel, { maxLength: 5 }),
      leave: fc.array(channel, { maxLength: 5 }),
      buckets: fc.array(fc.nat({ max: 400 }), { maxLength: 5 }),
      reports: fc.array(report, { maxLength: 3 }),
    }),
    '/deliveries': fc.record({ to: id, updates: fc.array(update, { maxLength: 4 }) }),
    '/facts': fc.record({ seen: fc.string() }),
    '/metrics': fc.constant({}),
  };
}

const members = fc.oneof(
  fc.constantFrom('', '{"id":"ann"}', '{"id":"ann","rights":{}}', '{', '[]', 'null', '"x"'),
  hostileTexts.map((text) => text.replace(/[^\x20-\x7e]/g, '').trim()),
);

/** Calls with valid codes: bodies near to valid, and far from it. */
export function innerCalls(worker: string): fc.Arbitrary<InnerCall> {
  const [connection, rest] = [`${worker}.${'0'.repeat(32)}`, { member: '' }];
  const posts = Object.entries(bodiesOf(worker)).map(([path, bodies]) => {
    const texts = mutated(bodies, KEYS).map((value) => JSON.stringify(value) ?? '');
    return texts.map((body): InnerCall => ({ ...rest, method: 'POST', path, body }));
  });
  const changes = fc
    .tuple(fc.constantFrom('PUT' as const, 'DELETE' as const), channel, members, placeTexts)
    .map(([method, name, member, id]): InnerCall => {
      const query = `?lastEventId=${encodeURIComponent(wellFormed(id))}`;
      const path = `/stream/${connection}/channels/${encodeURIComponent(wellFormed(name))}`;
      return { method, path: path + query, body: '', member };
    });
  const forwarded = fc
    .tuple(someIds, types, members, fc.json())
    .map(([id, type, member, body]): InnerCall => {
      const path = `/videos/${encodeURIComponent(wellFormed(id))}/${type}`;
      return { method: 'POST', path, body, member };
    });
  const lost = fc
    .tuple(fc.constantFrom('/', '/none', '/deliveries/', '/renewals?x=1'), hostileTexts)
    .map(([path, body]): InnerCall => ({ ...rest, method: 'POST', path, body }));
  return fc.oneof(...posts, ...posts, changes, forwarded, lost);
}

function wellFormed(text: string): string {
  return text.replace(/\p{Cs}/gu, '?');
}
