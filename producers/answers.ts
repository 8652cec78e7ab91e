import type { FoundEntry } from '../adapters/row-store';
import { LikestreamError } from '../schemas/errors';
import type { LoggedType } from '../schemas/event-type';
import { isId } from '../schemas/ids';

/**
 * Returns a function that answers an entry of a channel. Of types with a history the answer has the
 * member, because pages show who has written an entry. A deleted entry has its id alone.
 */
export function answersOf(type: LoggedType): (channelId: string, entry: FoundEntry) => object {
  const [idName, channelName, columns] = [type.idName, idField(type), Object.keys(type.columns)];
  const showsMember = type.hasHistory === true;
  const hasId = type.idFrom !== 'server';
  return (channelId, { at, body, id, isDeleted, memberId, place }) => {
    // One name after the other: to spread objects with computed names takes several times as long.
    const answer: Record<string, unknown> = {};
    if (hasId) answer[idName] = id;
    if (isDeleted) {
      answer.deleted = true;
      return answer;
    }
    answer[channelName] = channelId;
    if (showsMember) answer.memberId = memberId;
    // The fields in the order of the columns: as in the first answer, so in each later one.
    if (typeof body === 'object' && body !== null) {
      for (const name of columns) answer[name] = Reflect.get(body, name);
    }
    answer.at = at;
    answer.place = place;
    return answer;
  };
}

/** The name of a channel's id in answers and queries. */
export function idField({ channelKind }: { readonly channelKind: string }): string {
  return `${channelKind}Id`;
}

/** Returns an id of a path; throws `invalid_id`. */
export function checkedId(text: string | undefined): string {
  if (!isId(text)) throw new LikestreamError('invalid_id');
  return text;
}
