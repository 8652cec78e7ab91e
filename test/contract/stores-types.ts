import { z } from 'zod';
import { eventType } from '../../schemas/event-type';
import { EventTypes } from '../../schemas/event-types';
import { likes } from '../../schemas/likes';
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

/** Two types of one kind of channels. */
export const types = new EventTypes([likes, ratings]);
