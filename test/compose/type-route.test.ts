import { readdirSync } from 'node:fs';
import { join, relative } from 'node:path';
import { TYPE_ROUTE } from '../../compose/app/type-route';
import { ROOT } from '../../compose/native/folders';
import { fileOf } from './compose-file';

const [, inNginx = ''] = /location ~ (\S+) \{/.exec(fileOf('door', 'nginx.conf')) ?? [];
const nginxRoute = new RegExp(inNginx);

/** nginx compares a path without its query. */
const inNginxForm = (url: string): string => url.replace(/\?.*/, '');

describe.each([
  ['our own door', (url: string) => TYPE_ROUTE.test(url)],
  ['nginx', (url: string) => nginxRoute.test(inNginxForm(url))],
])('%s', (_, isForProducers) => {
  test.each([
    '/videos/42/likes',
    '/videos/42/likes?atLeast=dc1.1@3',
    '/videos/42/poll-votes',
    '/videos/42/comments?before=1&limit=5',
    '/videos/42/comments/1',
    '/videos/42/viewers',
    '/videos/42/attributes/score',
    '/videos/%20/likes',
    '/conversations/a.b/typing',
    '/conversations/7/receipts',
    '/members/ann/presence',
    '/likes?videoId=1&videoId=2',
    '/poll-votes?videoId=1',
    '/presence?memberId=ann',
    '/streams2?videoId=1',
    '/likes',
  ])('sends %s to the producers', (url) => expect(isForProducers(url)).toBe(true));

  test.each([
    '/',
    '/?video=42',
    '/stream',
    '/stream?channel=video:42',
    '/stream/1.2/channels/video:42',
    '/stream/1.2/token',
    '/session',
    '/session?',
    '/videos/42',
    '/client.js',
    '/openapi.yaml',
  ])('sends %s to the frontends', (url) => expect(isForProducers(url)).toBe(false));

  test('sends each file of the page to the frontends', () => {
    const all = readdirSync(join(ROOT, 'dist/web'), { recursive: true, withFileTypes: true });
    const files = all.filter((entry) => entry.isFile());
    const paths = files.map(({ name, parentPath }) => {
      return `/${relative(join(ROOT, 'dist/web'), join(parentPath, name))}`;
    });
    expect(paths).toEqual(expect.arrayContaining(['/index.html', '/app.js', '/glyphs/like.svg']));
    expect(paths.filter(isForProducers)).toEqual([]);
  });
});
