import Router from '@koa/router';
import { eventTypesOf } from '../../../app/event-types';
import { openApiDocument } from '../../../app/openapi/document';
import type { Json } from '../../../app/openapi/shapes';
import { addProducer } from '../../../app/producer-role';
import { addStreamRoutes } from '../../../frontends/routes';
import { readSettings } from '../../../runtime/settings/settings';
import { ERRORS } from '../../../schemas/errors';

const WITH_VOTES = { EVENT_TYPES: 'docs/examples/poll-votes.js' };
const METHODS = ['get', 'post', 'put', 'delete'];

function typesOf(environment: Record<string, string> = {}) {
  return eventTypesOf(readSettings(environment));
}

function documentOf(environment: Record<string, string> = {}) {
  return openApiDocument(typesOf(environment), '1.2.3') as {
    readonly paths: Readonly<Record<string, Record<string, Json>>>;
    readonly components: { readonly schemas: Json; readonly responses: Record<string, Json> };
  };
}

/** The calls of the routers of a producer and a frontend, with no names of parameters. */
function routedCalls(environment: Record<string, string> = {}): string[] {
  const [router, settings] = [new Router(), readSettings(environment)];
  const types = typesOf(environment);
  const backends = { rowsOf: () => undefined, historyOf: () => undefined };
  // Routes are added without a call of the other parts.
  addProducer(router, backends as never, { settings, types } as never, {} as never);
  addStreamRoutes(router, {} as never);
  return router.stack.flatMap(({ methods, path }) =>
    methods
      .filter((method) => method !== 'HEAD')
      .map((method) => `${method} ${String(path).replace(/:\w+/g, '{}')}`),
  );
}

function describedCalls(environment: Record<string, string> = {}): string[] {
  const { paths } = documentOf(environment);
  return Object.entries(paths).flatMap(([path, item]) =>
    Object.keys(item)
      .filter((key) => METHODS.includes(key))
      .map((method) => `${method.toUpperCase()} ${path.replace(/\{\w+\}/g, '{}')}`),
  );
}

/** All objects in a part of the document. */
function objectsIn(part: unknown): Json[] {
  if (typeof part !== 'object' || part === null) return [];
  const own = Array.isArray(part) ? [] : [part as Json];
  return [...own, ...Object.values(part).flatMap(objectsIn)];
}

describe('the description of the API', () => {
  it.each([
    ['the built-in types', {}],
    ['a type from outside', WITH_VOTES],
  ])('has the calls of the routers, and no others, with %s', (_, environment) => {
    const described = describedCalls(environment);
    expect(described.length).toBeGreaterThan(20);
    expect(described.sort()).toEqual(routedCalls(environment).sort());
  });

  it('has a type from outside with its requests, answers and events', () => {
    const { components, paths } = documentOf(WITH_VOTES);
    expect(Object.keys(paths)).toContain('/videos/{videoId}/poll-votes');
    expect(components.schemas).toMatchObject({
      VideoPollVotesRequest: { required: ['option'], additionalProperties: false },
      VideoPollVotesState: { required: expect.arrayContaining(['votes', 'options']) },
      PollVotesEvent: { properties: { votes: {}, options: {}, new: {} } },
    });
  });

  it('names the reactions that are configured', () => {
    const { components } = documentOf({ REACTIONS: 'cheer,boo' });
    expect(JSON.stringify(components.schemas.VideoLikesRequest)).toContain('["cheer","boo"]');
  });

  it('has each error code with its status', () => {
    const { components } = documentOf();
    for (const [code, { status }] of Object.entries(ERRORS)) {
      expect(components.responses[`Problem${status}`]?.description).toContain(`\`${code}\``);
    }
    expect(components.schemas.Problem).toMatchObject({
      properties: { code: { enum: Object.keys(ERRORS) } },
    });
  });

  it('has what each reference names, and an id of its own for each call', () => {
    const document = documentOf(WITH_VOTES);
    const objects = objectsIn(document);
    const refs = new Set(objects.flatMap(({ $ref }) => (typeof $ref === 'string' ? [$ref] : [])));
    const missing = [...refs].filter((ref) => {
      const [, ...names] = ref.split('/');
      return (
        names.reduce<unknown>((part, name) => Reflect.get(Object(part), name), document) ===
        undefined
      );
    });
    expect(refs.size).toBeGreaterThan(10);
    expect(missing).toEqual([]);
    const ids = objects.flatMap(({ operationId }) => (operationId ? [operationId] : []));
    expect(new Set(ids).size).toBe(ids.length);
    expect(ids).toHaveLength(describedCalls(WITH_VOTES).length);
  });
});
