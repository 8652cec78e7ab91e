import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import Router from '@koa/router';
import { eventTypesOf } from '../../app/event-types';
import { addProducer } from '../../app/producer-role';
import { readSettings } from '../../runtime/settings/settings';
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

const ROUTE = /\brouter\.(get|post|put|delete|patch|head)\(\s*(?:'(\/[^']*)'|([a-zA-Z_]+),)/g;

/** The routes that the product adds, as `GET /videos/{videoId}/likes`. */
export function routesIn(sources: readonly Source[]): string[] {
  const withRouters = sources.filter(({ path, text }) => {
    return text.includes('@koa/router') && !path.startsWith('producers');
  });
  const routes = withRouters.flatMap(({ path, text }) =>
    [...text.matchAll(ROUTE)].map(([, method = '', literal, name]) => {
      const route = literal ?? constantIn(text, name ?? '');
      if (route === undefined) throw new Error(`${path}: cannot read the route ${name}`);
      return `${method.toUpperCase()} ${route.replace(/:(\w+)/g, '{$1}')}`;
    }),
  );
  return [...new Set([...routes, ...producerRoutes()])].sort();
}

/** The routes of the built-in event types, as a producer adds them. */
function producerRoutes(): string[] {
  const [router, settings] = [new Router(), readSettings({})];
  const types = eventTypesOf(settings);
  const backends = { rowsOf: () => undefined, historyOf: () => undefined };
  // Routes are added without a call of the other parts.
  addProducer(router, backends as never, { settings, types } as never, {} as never);
  return router.stack.flatMap(({ methods, path }) => {
    const [, kind = '', , name = ''] = /^\/(\w+)s\/([^/]+)\/([\w-]+)/.exec(String(path)) ?? [];
    const idName = types.getLogged(name)?.idName ?? 'id';
    const named = String(path)
      .replace(':channelId', `:${kind}Id`)
      .replace(':entryId', `:${idName}`);
    const shown = methods.filter((method) => method !== 'HEAD');
    return shown.map((method) => `${method} ${named.replace(/:(\w+)/g, '{$1}')}`);
  });
}

function constantIn(text: string, name: string): string | undefined {
  return new RegExp(`const ${name} = ['\`]([^'\`]*)['\`]`).exec(text)?.[1];
}

/** The matches of a pattern's first group in all sources, each once, sorted. */
export function foundIn(sources: readonly Source[], pattern: RegExp): string[] {
  const found = sources.flatMap(({ text }) => [...text.matchAll(pattern)]);
  return [...new Set(found.map(([, name = '']) => name))].sort();
}
