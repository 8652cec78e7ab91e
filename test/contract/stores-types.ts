import { z } from 'zod';
import { eventType } from '../../schemas/event-type';
import { EventTypes } from '../../schemas/event-types';
import { likes } from '../../schemas/likes';
import { append } from '../../schemas/policies/append';
import { counter } from '../../schemas/policies/counter';

interface RatingBody {
  readonly stars: number;
  readonly isPublic: boolean;
  readonly note?: string | undefined;
}

const starsOf = ({ stars }: RatingBody) => `${stars}`;

/** A type with a column of each kind, one of them optional, whose ids are members' ids. */
export const ratings = eventType({
  name: 'star-ratings',
  channelKind: 'video',
  idName: 'memberId',
  idFrom: 'member',
  body: z.object({ stars: z.int(), isPublic: z.boolean(), note: z.string().optional() }),
  columns: { stars: 'bigint', note: 'text', isPublic: 'boolean' },
  exact: true,
  maxPerRequest: 1,
  sharesRecords: true,
  policy: counter({ event: 'star-ratings', field: 'stars', key: starsOf }),
});

const noteBody = z.object({ text: z.string().optional(), isPublic: z.boolean().optional() });

/** A type whose entries can be deleted, with a history. */
export const notes = eventType({
  name: 'notes',
  channelKind: 'video',
  idName: 'noteId',
  idFrom: 'client',
  body: noteBody,
  columns: { text: 'text', isPublic: 'boolean' },
  exact: true,
  maxPerRequest: 1,
  sharesRecords: false,
  hasHistory: true,
  isDeletable: true,
  policy: append({
    ...{ name: 'notes', event: 'note', idName: 'noteId', channelKind: 'video' },
    body: noteBody,
  }),
});

/** A type without rows. */
export const marks = eventType({
  ...notes,
  ...{ name: 'marks', idName: 'markId', idFrom: 'server', rows: 'none' },
  ...{ hasHistory: false, isDeletable: false },
});

/** The types of the contracts of stores. */
export const storedTypes = new EventTypes([likes, ratings, notes, marks]);

/** Two types of one kind of channels. */
export const types = new EventTypes([likes, ratings]);
