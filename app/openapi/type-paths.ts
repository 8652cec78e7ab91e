import { MAX_READ_CHANNELS } from '../../producers/read-routes';
import type { EventType, LeasedType, LoggedType, MomentType } from '../../schemas/event-type';
import { isLogged } from '../../schemas/event-types';
import { cellPaths } from './cell-paths';
import { historyPath } from './history-path';
import { inPath, inQuery, jsonAnswer, operation, pascal } from './operations';
import { ID, type Json, objectOf, VECTOR } from './shapes';
import { entryRef, momentRequest, requestOf, stateRef } from './type-shapes';

const HEADERS: Json = {
  ETag: { description: 'The `id`, in quotation marks.', schema: { type: 'string' } },
  'Cache-Control': { schema: { type: 'string' } },
};

/** The paths of all event types, as the producers' routes are. */
export function typePaths(types: readonly EventType[]): Json {
  const paths = types.map((type) => {
    if (isLogged(type)) return loggedPaths(type);
    return type.source === 'streams' ? leasedPaths(type) : momentPaths(type);
  });
  return Object.assign({}, ...paths);
}

function loggedPaths(type: LoggedType): Json {
  const { call, channelKind, hasHistory, idName, isDeletable, name } = type;
  const path = `/${channelKind}s/{${channelKind}Id}/${name}`;
  const read = hasHistory ? historyPath(type) : readPath(type);
  const write = call === 'put-by-name' ? {} : { post: postOf(type) };
  return {
    [path]: { parameters: [inPath(`${channelKind}Id`, ID)], ...write, ...read },
    ...(!hasHistory && { [`/${name}`]: { get: readSeveral(type) } }),
    ...(isDeletable && {
      [`${path}/{${idName}}`]: {
        parameters: [inPath(`${channelKind}Id`, ID), inPath(idName, ID)],
        delete: deletionOf(type),
      },
    }),
    ...(call === 'put-by-name' && cellPaths(type)),
  };
}

function postOf(type: LoggedType): Json {
  const { channelKind, maxPerRequest, name } = type;
  const entry = entryRef(type);
  const list = objectOf({ [name]: { type: 'array', items: entry } });
  const shape = maxPerRequest > 1 ? { anyOf: [entry, list] } : entry;
  return operation({
    id: `post${pascal(channelKind)}${pascal(name)}`,
    summary: `Adds ${name} to a ${channelKind}`,
    tag: name,
    body: requestOf(type),
    answers: {
      200: jsonAnswer('All were accepted before; or an older one was not needed.', shape),
      201: jsonAnswer('In the log, and in the store: each is counted once.', shape),
    },
  });
}

function deletionOf({ channelKind, name }: LoggedType): Json {
  return operation({
    id: `delete${pascal(channelKind)}${pascal(name)}`,
    summary: `Deletes one of the ${name} of a ${channelKind}: by its author or a moderator`,
    tag: name,
    answers: { 204: { description: 'It is deleted, now or before.' } },
  });
}

function readPath(type: LoggedType): Json {
  const { channelKind, name } = type;
  const atLeast = 'A vector: the answer waits up to 1 s until the state has these places.';
  return {
    get: operation({
      id: `get${pascal(channelKind)}${pascal(name)}`,
      summary: `The ${name} of a ${channelKind}`,
      tag: name,
      parameters: [
        inQuery('atLeast', VECTOR, atLeast),
        { name: 'If-None-Match', in: 'header', schema: { type: 'string' } },
      ],
      answers: {
        200: jsonAnswer('The state.', stateRef(type), HEADERS),
        304: { description: 'The state is that of `If-None-Match`.' },
      },
    }),
  };
}

function readSeveral(type: EventType): Json {
  const { channelKind, name } = type;
  const states = { type: 'array', items: stateRef(type) };
  const ids = { type: 'array', minItems: 1, maxItems: MAX_READ_CHANNELS, items: ID };
  return operation({
    id: `getSeveral${pascal(name)}`,
    summary: `The ${name} of several ${channelKind}s`,
    tag: name,
    parameters: [inQuery(`${channelKind}Id`, ids, 'Given once for each.', true)],
    answers: {
      200: jsonAnswer('The states.', objectOf({ [name]: states })),
    },
  });
}

function leasedPaths(type: LeasedType): Json {
  const { channelKind, name, shownBy } = type;
  if (shownBy !== undefined) return {};
  const get = operation({
    id: `get${pascal(channelKind)}${pascal(name)}`,
    summary: `The ${name} of a ${channelKind}`,
    tag: name,
    answers: { 200: jsonAnswer('The state.', stateRef(type)) },
  });
  const parameters = [inPath(`${channelKind}Id`, ID)];
  return {
    [`/${channelKind}s/{${channelKind}Id}/${name}`]: { parameters, get },
    [`/${name}`]: { get: readSeveral(type) },
  };
}

function momentPaths(type: MomentType): Json {
  const { channelKind, name } = type;
  const post = operation({
    id: `post${pascal(channelKind)}${pascal(name)}`,
    summary: `Shows ${name} to the other viewers of a ${channelKind} for a short time`,
    tag: name,
    body: momentRequest(type),
    answers: { 202: jsonAnswer('It is passed on, and not stored.', objectOf({})) },
  });
  const parameters = [inPath(`${channelKind}Id`, ID)];
  return { [`/${channelKind}s/{${channelKind}Id}/${name}`]: { parameters, post } };
}
