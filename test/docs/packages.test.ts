import { execFileSync } from 'node:child_process';
import { dirname, join, normalize } from 'node:path';
import { fileText, ROOT } from './page';

/** The files that `npm pack` puts into a package. */
function packed(folder: string): string[] {
  const args = ['pack', '--dry-run', '--json', '--ignore-scripts'];
  const text = execFileSync('npm', args, { cwd: join(ROOT, folder), encoding: 'utf8' });
  const [{ files }] = JSON.parse(text);
  return files.map(({ path }: { path: string }) => path);
}

/** The links of a page into the repository, as paths. */
function linksOf(page: string): string[] {
  const links = [...fileText(page).matchAll(/\]\(([^)\s#]+)[^)]*\)/g)].map(([, link = '']) => link);
  const inside = links.filter((link) => !/^[a-z]+:/.test(link));
  return inside.map((link) => normalize(join(dirname(page), link)));
}

describe.each([
  ['the server', '.', ['README.md', 'docs/getting-started.md', 'docs/faq.md', 'docs/tokens.md']],
  ['the client', 'client', ['client/README.md']],
])('the package of %s', (_, folder, pages) => {
  const files = packed(folder).map((path) => normalize(join(folder, path)));

  it('has its licence', () => {
    expect(files).toContain(normalize(join(folder, 'LICENSE')));
    expect(fileText(join(folder, 'LICENSE'))).toBe(fileText('LICENSE'));
  });

  it.each(pages)('has all that %s links to', (page) => {
    expect(files).toContain(page);
    const isThere = (link: string) => {
      const folderOf = link.endsWith('/') ? link : `${link}/`;
      return files.some((file) => file === link || file.startsWith(folderOf));
    };
    expect(linksOf(page)).not.toEqual([]);
    expect(linksOf(page).filter((link) => !isThere(link))).toEqual([]);
  });
});
