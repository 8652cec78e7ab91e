import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { blocksOf, fileText, ROOT } from './page';

const DOCUMENTS = [
  ...['README.md', 'client/README.md', 'compose/README.md', 'docs/examples/react/README.md'],
  ...namesIn('docs', '.md'),
];

/** What a page without this meta is drawn for on a phone: a window of 980 px, made small. */
const VIEWPORT = '<meta name="viewport" content="width=device-width">';

function namesIn(folder: string, ending: string): string[] {
  const names = readdirSync(join(ROOT, folder));
  const found = names.filter((name) => name.endsWith(ending));
  return found.map((name) => `${folder}/${name}`);
}

/** The whole pages that readers paste: HTML blocks that load the client, and example pages. */
const SNIPPETS = DOCUMENTS.flatMap((path) =>
  blocksOf(fileText(path))
    .filter(({ language, text }) => language === 'html' && text.includes('<script'))
    .map(({ text }) => ({ path, text })),
);
const EXAMPLES = ['docs/examples/page/index.html', 'docs/examples/react/index.html'].map((path) => {
  return { path, text: fileText(path) };
});

it('README, client/README and getting started have a whole page each', () => {
  const paths = SNIPPETS.map(({ path }) => path);
  for (const path of ['README.md', 'client/README.md', 'docs/getting-started.md']) {
    expect(paths).toContain(path);
  }
});

it.each([...SNIPPETS, ...EXAMPLES])('the page in $path is drawn well on a phone', ({ text }) => {
  expect(text).toMatch(/^<!doctype html>\n/);
  expect(text).toContain('<meta charset="utf-8">');
  expect(text).toContain(VIEWPORT);
});
