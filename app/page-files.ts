import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Middleware } from 'koa';
import serve from 'koa-static';

/** Made by client/build-page.js. */
const PAGE_FOLDER = join(__dirname, '..', 'web');

const PAGE_POLICY = [
  "default-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

/**
 * Serves the demo page. The names of its files are read once: a look at the disk for each unknown
 * path would take threads from the log, which needs them to store entries.
 */
export function pageFiles(folder = PAGE_FOLDER): Middleware {
  const names = existsSync(folder) ? readdirSync(folder, { recursive: true }) : [];
  const known = new Set(['/', ...names.map((name) => `/${name}`)]);
  const files = serve(folder, { maxage: 0 });
  return (ctx, next) => {
    if (!known.has(ctx.path)) return next();
    ctx.set('Content-Security-Policy', PAGE_POLICY);
    // The page's address may hold a token.
    ctx.set('Referrer-Policy', 'no-referrer');
    ctx.vary('Accept-Encoding');
    return files(ctx, next);
  };
}
