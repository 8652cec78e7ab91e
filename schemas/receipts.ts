import { z } from 'zod';
import { eventType, type LoggedType } from './event-type';
import { id } from './ids';
import type { Cell, Cells } from './policies/cells';
import { type LatestView, latest, newestCells, placeOf } from './policies/latest';

/** The most members of a conversation whose receipts are kept, and that are sent at once. */
export const MAX_RECEIPTS = 1_000;
export const MAX_SHOWN_RECEIPTS = 100;

interface ReceiptBody {
  /** The newest message that the member has read. */
  readonly messageId: string;
}

/** As viewers and pages are shown it. */
const receipt = z.object({ memberId: id, messageId: id, at: z.int() });

/** Which message each member of a conversation has read last. */
export const receipts: LoggedType<ReceiptBody, Cells, LatestView> = eventType({
  name: 'receipts',
  channelKind: 'conversation',
  idName: 'receiptId',
  idFrom: 'server',
  body: z.object({ messageId: id }),
  errors: { messageId: 'invalid_id' },
  columns: { messageId: 'text' },
  rows: 'none',
  exact: false,
  maxPerRequest: 1,
  sharesRecords: false,
  policy: latest<ReceiptBody>({
    event: 'receipt',
    field: 'receipts',
    cellOf: ({ body, memberId }) => ({ key: memberId, stamp: 0, value: body.messageId }),
    compare: (one, other) => compareMessageIds(messageIdIn(one), messageIdIn(other)),
    bounded: ({ cells }) => ({ cells: cells.slice(-MAX_RECEIPTS) }),
    admit({ cells }, { body, memberId }) {
      const known = cells.find(({ key }) => key === memberId);
      if (!known || compareMessageIds(body.messageId, messageIdIn(known)) > 0) return { body };
      const kept = { messageId: messageIdIn(known) };
      return { kept: { memberId, at: known.at, body: kept, place: placeOf(known) } };
    },
    shapes: { data: receipt, snapshot: z.array(receipt) },
    dataOf: receiptOf,
    snapshotOf: (cells) => newestCells(cells, MAX_SHOWN_RECEIPTS).map(receiptOf),
    maxNews: MAX_SHOWN_RECEIPTS,
    isForOthers: true,
  }),
});

/** Orders ids of messages: by length, then by bytes. */
export function compareMessageIds(one: string, other: string): number {
  if (one.length !== other.length) return one.length - other.length;
  if (one === other) return 0;
  return one < other ? -1 : 1;
}

function messageIdIn({ value }: Cell): string {
  return typeof value === 'string' ? value : '';
}

function receiptOf(cell: Cell): object {
  return { memberId: cell.key, messageId: messageIdIn(cell), at: cell.at };
}
