import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Context, Middleware } from 'koa';
import { LikestreamError } from '../schemas/errors';

const FOLDER = join(__dirname, '..', 'client');

/** The paths of the browser client, and the files that it was bundled into. */
const FILES: Readonly<Record<string, string>> = {
  '/client.js': 'client.js',
  '/client/conversation.js': 'conversation.js',
  '/client/hearts.js': 'hearts.js',
  '/client/react.js': 'react.js',
};

interface ClientFile {
  readonly plain: Buffer;
  readonly gzipped: Buffer;
  readonly etag: string;
}

function readFile(folder: string, name: string): ClientFile | undefined {
  const path = join(folder, name);
  if (!existsSync(path)) return undefined;
  const plain = readFileSync(path);
  const etag = createHash('sha256').update(plain).digest('base64url');
  return { plain, gzipped: gzipSync(plain, { level: 9 }), etag };
}

/**
 * Serves the browser client to pages of every origin: it is public, and a page that may not call
 * is refused when it does. It is read once, so a server never serves parts of two builds.
 * @param folder the folder with the bundles; paths whose bundle it lacks are left to what follows
 */
export function clientFiles(folder = FOLDER): Middleware {
  const files = new Map<string, ClientFile>();
  for (const [path, name] of Object.entries(FILES)) {
    const file = readFile(folder, name);
    if (file) files.set(path, file);
  }
  // Not async: almost all requests only pass.
  return (ctx, next) => {
    const file = files.get(ctx.path);
    // Preflights are answered for all paths alike.
    if (!file || ctx.method === 'OPTIONS') return next();
    if (ctx.method !== 'GET' && ctx.method !== 'HEAD') {
      ctx.set('Allow', 'GET, HEAD');
      throw new LikestreamError('method_not_allowed');
    }
    serve(ctx, file);
    return undefined;
  };
}

function serve(ctx: Context, { etag, gzipped, plain }: ClientFile): void {
  const isGzipped = ctx.acceptsEncodings('gzip', 'identity') === 'gzip';
  ctx.set({
    'Access-Control-Allow-Origin': '*',
    'Cross-Origin-Resource-Policy': 'cross-origin',
    'X-Content-Type-Options': 'nosniff',
    'Cache-Control': 'public, no-cache',
    Vary: 'Accept-Encoding',
  });
  ctx.type = 'text/javascript';
  // Another coding is another representation (RFC 9110, 8.8.3.3).
  ctx.etag = isGzipped ? `${etag}-gzip` : etag;
  ctx.status = 200;
  if (ctx.fresh) {
    ctx.status = 304;
    return;
  }
  if (isGzipped) ctx.set('Content-Encoding', 'gzip');
  ctx.body = isGzipped ? gzipped : plain;
}
