import type { Middleware } from 'koa';
import { stringify } from 'yaml';
import { productVersion } from '../../runtime/version';
import type { EventTypes } from '../../schemas/event-types';
import { openApiDocument } from './document';

const PATH = '/openapi.yaml';
const WIDTH_COLUMNS = 100;

/** The description of the API as text. */
export function openApiText(types: EventTypes): string {
  const document = openApiDocument(types, productVersion());
  return stringify(document, { aliasDuplicateObjects: false, lineWidth: WIDTH_COLUMNS });
}

/** Serves the description of the API to pages of every origin. It is made when it is first read. */
export function openApiFile(types: EventTypes): Middleware {
  let text: string | undefined;
  // Not async: almost all requests only pass.
  return (ctx, next) => {
    if (ctx.path !== PATH || (ctx.method !== 'GET' && ctx.method !== 'HEAD')) return next();
    text ??= openApiText(types);
    ctx.set({
      'Access-Control-Allow-Origin': '*',
      'Cross-Origin-Resource-Policy': 'cross-origin',
      'X-Content-Type-Options': 'nosniff',
      'Cache-Control': 'public, no-cache',
    });
    ctx.body = text;
    ctx.type = 'text/yaml; charset=utf-8';
    return undefined;
  };
}
