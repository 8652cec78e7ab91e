import { existsSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { blocksOf, fileText, ROOT, rowsOf } from './page';
import { productSources } from './source';

const PAGES = [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'client/README.md',
  'compose/README.md',
  'docs/examples/react/README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** GitHub's anchor of a heading. */
function anchorOf(heading: string): string {
  const text = heading.replace(/^#+ /, '').toLowerCase();
  return text.replace(/[^\p{L}\p{N} _-]/gu, '').replaceAll(' ', '-');
}

function anchorsIn(page: string): string[] {
  return [...page.matchAll(/^#+ .+$/gm)].map(([heading]) => anchorOf(heading));
}

/** The links of a page that lead into the repository and are broken. */
function brokenLinks(path: string): string[] {
  const links = [...fileText(path).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);
  return links.filter((link) => {
    if (/^[a-z]+:/.test(link)) return false;
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : normalize(join(dirname(path), file));
    if (!existsSync(join(ROOT, target))) return true;
    return anchor !== undefined && !anchorsIn(fileText(target)).includes(anchor);
  });
}

/** Paths in inline code, such as `schemas/errors.ts` or `app/`, that do not exist. */
function lostPaths(page: string): string[] {
  const named = [...page.matchAll(/`((?:[\w.-]+\/)+(?:[\w-]+\.(?:ts|js|md|yaml|json))?)`/g)];
  return named.map(([, path = '']) => path).filter((path) => !existsSync(join(ROOT, path)));
}

describe.each(PAGES)('%s', (path) => {
  it('has no link to a file or heading that does not exist', () => {
    expect(brokenLinks(path)).toEqual([]);
  });
});

it.each(['README.md', 'docs/architecture.md', 'CONTRIBUTING.md'])(
  '%s names no path that does not exist',
  (path) => {
    expect(lostPaths(fileText(path))).toEqual([]);
  },
);

it.each([
  ['README.md', 200],
  ['docs/architecture.md', 120],
])('%s has at most %d lines', (path, lines) => {
  expect(fileText(path).trimEnd().split('\n').length).toBeLessThanOrEqual(lines);
});

it('docs/words.md has each term once, in alphabetical order', () => {
  const terms = rowsOf(fileText('docs/words.md')).map(([term = '']) => term);
  expect(terms.length).toBeGreaterThan(50);
  expect(new Set(terms).size).toBe(terms.length);
  expect(terms).toEqual([...terms].sort((one, other) => one.localeCompare(other, 'en')));
});

it('docs/words.md names no class, type or setting that does not exist', () => {
  const names = [...fileText('docs/words.md').matchAll(/`([A-Z]\w+)`/g)].map(([, name]) => name);
  const sources = productSources().map(({ text }) => text);
  const exists = (name?: string) => sources.some((text) => new RegExp(`\\b${name}\\b`).test(text));
  expect(names).toContain('DEDUPE_WINDOW_MS');
  expect(names.filter((name) => !exists(name) && name !== 'EventSource')).toEqual([]);
});

it('the pages name only commands that exist', () => {
  const { scripts } = JSON.parse(fileText('package.json'));
  // Commands of npm itself.
  const own = ['ci', 'pack', 'install'];
  const commands = PAGES.filter((path) => !/decisions|examples/.test(path))
    .flatMap((path) => blocksOf(fileText(path)))
    .flatMap(({ text }) => [...text.matchAll(/npm (?:run )?([a-z]+)/g)])
    .map(([, script = '']) => script);
  expect(commands).toContain('start');
  expect(commands.filter((name) => !(name in scripts) && !own.includes(name))).toEqual([]);
});
