import type { LoggedType } from '../../schemas/event-type';
import { inPath, jsonAnswer, operation, pascal } from './operations';
import { ID, type Json, objectOf, PLACE } from './shapes';

/** The paths of a type whose values are written by name. */
export function cellPaths({ channelKind, name }: LoggedType): Json {
  const of = `of a ${channelKind}, by its name`;
  const idEnd = `${pascal(channelKind)}${pascal(name)}ByName`;
  const written = jsonAnswer('In the log.', objectOf({ name: ID, place: PLACE }));
  const value = { description: 'Any JSON; `null` removes it.' };
  const found = objectOf({ [`${channelKind}Id`]: ID, name: ID, value: {}, place: PLACE });
  const common = { tag: name, canConflict: true };
  return {
    [`/${channelKind}s/{${channelKind}Id}/${name}/{key}`]: {
      parameters: [inPath(`${channelKind}Id`, ID), inPath('key', ID)],
      get: operation({
        ...common,
        id: `get${idEnd}`,
        summary: `One of the ${name} ${of}`,
        answers: { 200: jsonAnswer('The value.', found) },
      }),
      put: operation({
        ...common,
        id: `put${idEnd}`,
        summary: `Writes one of the ${name} ${of}`,
        body: {
          shape: { ...objectOf({ value }), additionalProperties: false },
          isRequired: true,
        },
        answers: { 200: written },
      }),
      delete: operation({
        ...common,
        id: `delete${idEnd}`,
        summary: `Removes one of the ${name} ${of}`,
        answers: { 200: written },
      }),
    },
  };
}
