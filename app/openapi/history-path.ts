import { DEFAULT_PAGE_LIMIT, MAX_PAGE_LIMIT } from '../../producers/history-query';
import type { LoggedType } from '../../schemas/event-type';
import { inQuery, jsonAnswer, operation, pascal } from './operations';
import { ID, type Json, objectOf, VECTOR } from './shapes';
import { entryRef } from './type-shapes';

/** The `GET` of a type with a history. */
export function historyPath(type: LoggedType): Json {
  const { channelKind, idName, name } = type;
  const limit = {
    type: 'integer',
    minimum: 1,
    maximum: MAX_PAGE_LIMIT,
    default: DEFAULT_PAGE_LIMIT,
  };
  const page = objectOf(
    {
      [name]: { type: 'array', items: entryRef(type) },
      next: { type: 'string', description: 'The path of the next page.' },
      id: { type: 'string', description: 'An event id: a stream from it has what comes after.' },
    },
    ['next'],
  );
  return {
    get: operation({
      id: `get${pascal(channelKind)}${pascal(name)}`,
      summary: `A page of the ${name} of a ${channelKind}, the newest first`,
      tag: name,
      parameters: [
        inQuery('limit', limit, 'The most entries of the page.'),
        inQuery('before', { anyOf: [ID, VECTOR] }, `A \`${idName}\`, or a vector.`),
        inQuery('after', VECTOR, 'A vector: the oldest first. Not together with `before`.'),
        inQuery('upTo', VECTOR, 'A vector.'),
        inQuery('from', VECTOR, 'Only in `next`.'),
        inQuery('known', VECTOR, 'Only in `next`.'),
      ],
      answers: { 200: jsonAnswer('The page.', page) },
    }),
  };
}
