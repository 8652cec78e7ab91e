import type { IncomingMessage, ServerResponse } from 'node:http';
import type Router from '@koa/router';
import type { RouterContext } from '@koa/router';
import type { Origins } from '../runtime/origins';
import { answerThrown } from '../runtime/problems';
import { isLargeHead } from '../runtime/request-head';
import type { LikestreamError } from '../schemas/errors';
import { isId } from '../schemas/ids';
import { type ContextMaker, contextMaker } from './direct-context';

/** A path whose second part is a parameter, as of all entries: `/videos/:channelId/{name}`. */
const SIMPLE_PATH = /^\/(\w+)\/:(\w+)\/(\w+)$/;

const JSON_TYPE = 'application/json; charset=utf-8';

interface Post {
  readonly handle: (ctx: RouterContext, next: () => Promise<unknown>) => unknown;
  /** The name of the parameter. */
  readonly param: string;
}

export interface DirectPostsOptions {
  readonly origins: Origins;
  /** The headers of each answer to a page of another origin, besides the origin itself. */
  readonly exposed: readonly string[];
  readonly report: (error: LikestreamError) => void;
}

/**
 * Answers `POST`s whose path needs no decoding as Koa would, with the handlers of its router, but
 * without its layers: they are more than a third of what Node and Koa need for an entry.
 */
export class DirectPosts {
  /** By the first and the last part of the path. */
  private readonly posts = new Map<string, Map<string, Post>>();
  private readonly contextOf: ContextMaker;

  constructor(
    router: Router,
    private readonly options: DirectPostsOptions,
  ) {
    this.contextOf = contextMaker(router);
    for (const { methods, path, stack } of router.stack) {
      const [, first = '', param = '', last = ''] = SIMPLE_PATH.exec(String(path)) ?? [];
      const [handle] = stack;
      if (methods.join() !== 'POST' || first === '' || !handle || stack.length > 1) continue;
      const byLast = this.posts.get(first) ?? new Map<string, Post>();
      this.posts.set(first, byLast.set(last, { handle, param }));
    }
  }

  /** Begins to answer a request; false if it has to pass Koa's layers. */
  begin(request: IncomingMessage, response: ServerResponse): boolean {
    if (request.method !== 'POST') return false;
    const [none, first = '', id, last = '', rest] = (request.url ?? '').split('/');
    const post = this.posts.get(first)?.get(last);
    if (!post || none !== '' || rest !== undefined || !isId(id) || isLargeHead(request))
      return false;
    if (!this.isAllowed(request)) return false;
    void this.answer(post, id, request, response);
    return true;
  }

  private async answer(
    { handle, param }: Post,
    id: string,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const ctx = this.contextOf(request, response, { [param]: id });
    const headers = this.headersFor(request);
    try {
      await handle(ctx, nothing);
      const text = JSON.stringify(ctx.body);
      const length = String(Buffer.byteLength(text));
      headers.push('Content-Type', JSON_TYPE, 'Content-Length', length);
      response.writeHead(ctx.status, headers);
      response.end(text);
    } catch (thrown) {
      for (let at = 0; at < headers.length; at += 2) {
        response.setHeader(headers[at] ?? '', headers[at + 1] ?? '');
      }
      answerThrown(ctx, thrown, this.options.report);
      response.end(ctx.response.body);
    }
  }

  /** Names and values in turn: the headers of each answer to this request. */
  headersFor(request: IncomingMessage): string[] {
    const { origin } = request.headers;
    const headers = ['X-Content-Type-Options', 'nosniff', 'Vary', 'Origin'];
    if (origin && this.isAllowed(request)) {
      headers.push('Access-Control-Allow-Origin', origin, ...this.options.exposed);
    }
    return headers;
  }

  private isAllowed({ headers: { host = '', origin } }: IncomingMessage): boolean {
    return !origin || this.options.origins.allows(origin, host);
  }
}

async function nothing(): Promise<void> {}
