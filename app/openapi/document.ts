import { type EventTypes, isLogged } from '../../schemas/event-types';
import { PROBLEM_RESPONSES, PROBLEM_SHAPE } from './problems';
import { COMMON_SHAPES, type Json } from './shapes';
import { streamPaths, streamShapes } from './stream-paths';
import { typePaths } from './type-paths';
import { typeShapes } from './type-shapes';

const DESCRIPTION =
  'Live events for any number of viewers. Times are milliseconds since the epoch. A field of a ' +
  'request that is null counts as not given; clients ignore unknown fields and events.';

const SECURITY: Json = {
  token: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
  cookie: { type: 'apiKey', in: 'cookie', name: 'likestream_session' },
  tokenInQuery: { type: 'apiKey', in: 'query', name: 'access_token' },
};

/** The description of the public API of an installation with these event types (OpenAPI 3.1). */
export function openApiDocument(types: EventTypes, version: string): Json {
  const tags = types.all.filter((type) => isLogged(type) || !('shownBy' in type));
  return {
    openapi: '3.1.0',
    info: {
      title: 'likestream',
      version,
      description: DESCRIPTION,
      license: { name: 'MIT', identifier: 'MIT' },
    },
    servers: [{ url: '/', description: 'The server that answers this document.' }],
    security: [{ token: [] }, { cookie: [] }, {}],
    tags: [
      ...tags.map(({ channelKind, name }) => ({ name, description: `Of a ${channelKind}.` })),
      { name: 'stream', description: 'Server-sent events.' },
      { name: 'session', description: "The cookie that carries a member's token." },
    ],
    paths: { ...typePaths(types.all), ...streamPaths(types) },
    components: {
      securitySchemes: SECURITY,
      schemas: {
        ...COMMON_SHAPES,
        ...typeShapes(types.all),
        ...streamShapes(types),
        Problem: PROBLEM_SHAPE,
      },
      responses: PROBLEM_RESPONSES,
    },
  };
}
