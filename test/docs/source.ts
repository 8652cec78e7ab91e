import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { likes } from '../../schemas/likes';
import { fileText, ROOT } from './page';

const OUTSIDE = ['compose', 'dist', 'docs', 'node_modules', 'test', 'tools', 'web'];

/** A product source file. */
export interface Source {
  readonly path: string;
  readonly text: string;
}

/** Every TypeScript file of the product. */
export function productSources(): Source[] {
  const folders = readdirSync(ROOT, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !/^\./.test(entry.name))
    .map(({ name }) => name)
    .filter((name) => !OUTSIDE.includes(name));
  return folders.flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts') && !file.endsWith('.d.ts'))
      .map((file) => join(folder, file))
      .map((path) => ({ path, text: fileText(path) })),
  );
}

const ROUTE = /(?<!Reflect)\.(get|post|put|delete|patch|head)\(\s*(?:'(\/[^']*)'|([a-zA-Z_]+),)/g;

/** The route of an event type, as the likes' route of videos. */
function routeOfLikes(route: string): string {
  return route
    .replace(/\$\{channelKind\}/g, likes.channelKind)
    .replace(/\$\{name\}/g, likes.name)
    .replaceAll(':channelId', `:${likes.channelKind}Id`);
}

/** The routes that the product adds, as `GET /videos/{videoId}/likes`. */
export function routesIn(sources: readonly Source[]): string[] {
  const withRouters = sources.filter(({ text }) => text.includes('@koa/router'));
  const routes = withRouters.flatMap(({ path, text }) =>
    [...text.matchAll(ROUTE)].map(([, method = '', literal, name]) => {
      const route = literal ?? constantIn(text, name ?? '');
      if (route === undefined) throw new Error(`${path}: cannot read the route ${name}`);
      return `${method.toUpperCase()} ${routeOfLikes(route).replace(/:(\w+)/g, '{$1}')}`;
    }),
  );
  return [...new Set(routes)].sort();
}

function constantIn(text: string, name: string): string | undefined {
  return new RegExp(`const ${name} = ['\`]([^'\`]*)['\`]`).exec(text)?.[1];
}

/** The matches of a pattern's first group in all sources, each once, sorted. */
export function foundIn(sources: readonly Source[], pattern: RegExp): string[] {
  const found = sources.flatMap(({ text }) => [...text.matchAll(pattern)]);
  return [...new Set(found.map(([, name = '']) => name))].sort();
}
