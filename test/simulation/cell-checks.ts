import { z } from 'zod';
import { compareMessageIds } from '../../schemas/receipts';
import { feedOf } from './videos';

const event = z.looseObject({
  channel: z.string(),
  memberId: z.string().optional(),
  messageId: z.string().optional(),
  name: z.string().optional(),
  value: z.unknown().optional(),
  receipts: z.array(z.looseObject({ memberId: z.string(), messageId: z.string() })).optional(),
  attributes: z.record(z.string(), z.unknown()).optional(),
});

type Data = z.infer<typeof event>;

/** How viewers are shown a type whose values replace each other. */
interface CellView {
  readonly type: string;
  readonly event: string;
  /** The keys and values of a snapshot; undefined if it has none of this type. */
  readonly all: (data: Data) => readonly (readonly [string, unknown])[] | undefined;
  readonly one: (data: Data) => readonly [string, unknown];
}

const RECEIPT_VIEW: CellView = {
  type: 'receipts',
  event: 'receipt',
  all: ({ receipts }) => receipts?.map(({ memberId, messageId }) => [memberId, messageId]),
  one: ({ memberId = '', messageId = '' }) => [memberId, messageId],
};

const ATTRIBUTE_VIEW: CellView = {
  type: 'attributes',
  event: 'attribute',
  all: ({ attributes }) => attributes && Object.entries(attributes),
  one: ({ name = '', value }) => [name, value ?? null],
};

const VIEWS = [RECEIPT_VIEW, ATTRIBUTE_VIEW];

export interface CellChecksOptions {
  /** The viewer's member, who is sent no receipts of its own. */
  readonly memberId: string;
  /** Called with each violation of the promise. */
  readonly violation: (what: string) => void;
}

/** Checks the events of receipts and attributes of one viewer. */
export class CellChecks {
  /** By feed, the values that it shows, by key; removed ones are left out. */
  readonly shown = new Map<string, Map<string, unknown>>();
  /** Snapshots of feeds of which it had one, and which it has asked for since then. */
  repeatedSnapshots = 0;
  private events: readonly string[] | undefined;
  private readonly dropped = new Set<string>();

  constructor(private readonly options: CellChecksOptions) {}

  /** Notes the event types of the next stream; all if not given. */
  ask(events: readonly string[] | undefined): void {
    this.events = events;
    for (const feed of this.shown.keys()) if (!this.isAskedFeed(feed)) this.dropped.add(feed);
  }

  isAsked(type: string): boolean {
    return this.events?.includes(type) ?? true;
  }

  /** Checks an event by its name and data. */
  check(name: string, text: string): void {
    const parsed = event.safeParse(JSON.parse(text));
    if (!parsed.success) return;
    for (const view of VIEWS) {
      const all = name === 'snapshot' ? view.all(parsed.data) : undefined;
      if (all) this.begin(view, parsed.data.channel, all);
      else if (name === view.event) this.change(view, parsed.data);
    }
  }

  private begin(
    { type }: CellView,
    channel: string,
    all: readonly (readonly [string, unknown])[],
  ): void {
    const feed = feedOf(channel, type);
    if (!this.isAsked(type)) this.options.violation(`${feed} was not asked for`);
    if (this.shown.has(feed) && !this.dropped.has(feed)) this.repeatedSnapshots += 1;
    this.dropped.delete(feed);
    this.shown.set(feed, new Map(all));
  }

  private change({ one, type }: CellView, data: Data): void {
    const { memberId, violation } = this.options;
    const feed = feedOf(data.channel, type);
    const [key, value] = one(data);
    const shown = this.shown.get(feed);
    if (!this.isAsked(type)) violation(`${feed} was not asked for`);
    if (!shown) {
      violation(`news of ${feed} before its snapshot`);
      return;
    }
    if (type === RECEIPT_VIEW.type) {
      const before = String(shown.get(key) ?? '');
      if (key === memberId) violation(`${feed}: ${key} is sent its own receipt`);
      if (compareMessageIds(String(value), before) < 0) {
        violation(`${feed}: ${key} goes back from ${before} to ${value}`);
      }
    }
    if (value === null) shown.delete(key);
    else shown.set(key, value);
  }

  private isAskedFeed(feed: string): boolean {
    return this.isAsked(feed.slice(feed.indexOf('/') + 1));
  }
}
