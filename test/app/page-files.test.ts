import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Koa from 'koa';
import { pageFiles } from '../../app/page-files';

const folder = mkdtempSync(join(tmpdir(), 'likestream-page-'));
mkdirSync(join(folder, 'glyphs'));
writeFileSync(join(folder, 'index.html'), '<p>the page');
writeFileSync(join(folder, 'glyphs', 'one.svg'), '<svg/>');
afterAll(() => rmSync(folder, { recursive: true }));

/** What a server of this folder answers. */
async function answersOf(of: string, ...paths: string[]): Promise<Response[]> {
  const app = new Koa();
  app.use(pageFiles(of)).use((ctx) => {
    ctx.status = 418;
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    return await Promise.all(paths.map((path) => fetch(`http://127.0.0.1:${port}${path}`)));
  } finally {
    server.close();
  }
}

describe('the files of the demo page', () => {
  it('are served with a policy, those of its folders, too', async () => {
    const [page, glyph] = await answersOf(folder, '/', '/glyphs/one.svg');
    expect(await page?.text()).toBe('<p>the page');
    expect(page?.headers.get('content-security-policy')).toContain("default-src 'self'");
    expect(await glyph?.text()).toBe('<svg/>');
    expect(glyph?.headers.get('content-type')).toBe('image/svg+xml');
  });

  it('are those of the start: other paths are left to what follows', async () => {
    const answers = await answersOf(folder, '/no.html', '/glyphs/..%2findex.html', '/glyphs');
    expect(answers.map(({ status }) => status)).toEqual([418, 418, 418]);
  });

  it('may be missing', async () => {
    const [answer] = await answersOf(join(folder, 'missing'), '/');
    expect(answer?.status).toBe(418);
  });
});
