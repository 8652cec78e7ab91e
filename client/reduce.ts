import type { ChannelEvent } from './events';
import type { Snapshot } from './types';

const MOST_COMMENTS = 20;
const MOST_RECEIPTS = 100;

/** What an event changes in the state of its channel. */
function changesBy(held: Snapshot, { name, data }: ChannelEvent): Partial<Snapshot> {
  const { attributes, comments = [], receipts = [], seen, typing = [] } = held;
  switch (name) {
    case 'snapshot':
      return { ...data, seen: { ...seen, ...data.seen } };
    case 'likes':
      return { total: data.total, reactions: data.reactions, seen: { ...seen, likes: data.seen } };
    case 'comment':
      return { comments: [...comments, data].slice(-MOST_COMMENTS) };
    case 'comment_deleted':
      return { comments: comments.filter(({ commentId }) => commentId !== data.commentId) };
    case 'attribute': {
      const { [data.name]: _, ...others } = attributes ?? {};
      return { attributes: data.value === null ? others : { ...others, [data.name]: data.value } };
    }
    case 'typing': {
      const others = typing.filter((memberId) => memberId !== data.memberId);
      return { typing: data.active ? [...others, data.memberId] : others };
    }
    case 'receipt': {
      const others = receipts.filter(({ memberId }) => memberId !== data.memberId);
      return { receipts: [data, ...others].slice(0, MOST_RECEIPTS) };
    }
    case 'viewers':
    case 'presence':
      return data;
    default:
      return {};
  }
}

/** The state of a channel after an event, for tabs and handlers that come later. */
export function reduce(held: Snapshot, event: ChannelEvent): Snapshot {
  return { ...held, ...changesBy(held, event) };
}
