import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { TYPE_ROUTE } from '../../compose/app/type-route';
import { ROOT } from '../../compose/native/folders';
import { fileOf } from './compose-file';

const [, inNginx = ''] = /location ~ (\S+) \{/.exec(fileOf('door', 'nginx.conf')) ?? [];

describe.each([
  ['our own door', TYPE_ROUTE],
  ['nginx', new RegExp(inNginx)],
])('%s', (_, route) => {
  test.each([
    '/videos/42/likes',
    '/videos/42/poll-votes',
    '/conversations/a.b/typing',
    '/videos/%20/likes',
  ])('sends %s to the producers', (path) => expect(path).toMatch(route));

  test('sends streams and every file of the page to the frontends', () => {
    const files = readdirSync(join(ROOT, 'web'), { recursive: true, encoding: 'utf8' });
    const paths = ['/', '/stream', '/stream/1.2/channels/video:42', '/videos/42'];
    const all = [...paths, ...files.map((file) => `/${file}`)];
    expect(all.length).toBeGreaterThan(20);
    expect(all.filter((path) => route.test(path))).toEqual([]);
  });
});
