import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

// Plain JavaScript, because it also runs before anything is compiled.
const { internalNames }: { internalNames(): string[] } = require('../../client/internal-names');

const OPENAPI = join(__dirname, '..', '..', 'docs', 'openapi.yaml');

/** The names of all fields and parameters in a description of an API. */
function fieldsIn(node: unknown): string[] {
  if (typeof node !== 'object' || node === null) return [];
  const { name, properties } = node as { name?: unknown; properties?: object };
  const own = [...Object.keys(properties ?? {}), ...(typeof name === 'string' ? [name] : [])];
  return [...own, ...Object.values(node).flatMap(fieldsIn)];
}

describe('the names that the bundle shortens', () => {
  const names = new Set(internalNames());

  it('are those of the client alone', () => {
    for (const name of ['rejoin', 'whenGone', 'isKnown']) expect(names).toContain(name);
  });

  it('are no fields of the protocol', () => {
    const fields = new Set(fieldsIn(parse(readFileSync(OPENAPI, 'utf8'))));
    for (const name of ['likeId', 'lastEventId', 'reaction']) expect(fields).toContain(name);
    expect([...fields].filter((field) => names.has(field))).toEqual([]);
  });

  it.each([
    ['a page', ['connect', 'watch', 'like', 'memberId', 'pauseAfterMs', 'comment_deleted', 'isOk']],
    ['a server', ['Authorization', 'Bearer', 'channel', 'lastEventId']],
    ['the stream', ['connectionId', 'reason', 'channel', 'seen', 'code']],
    ['a token', ['sub', 'exp', 'iat']],
    ['another tab', ['tab', 'event', 'status', 'state', 'cut', 'types', 'channels']],
    ['the browser', ['keepalive', 'steal', 'signal', 'getRandomValues', 'onmessage']],
  ])('are not those of %s', (_, given) => {
    expect(given.filter((name) => names.has(name))).toEqual([]);
  });
});
