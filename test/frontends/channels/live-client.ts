import type { Session } from '../../../frontends/viewers/session';
import { parseVectorText } from '../../../schemas/place';
import type { Vector } from '../../../schemas/state';
import { ANN, eventsIn, type frontend, type StreamEvent } from '../parts';

/** The logs of the entries. */
export const ORIGINS = ['dc1.1', 'dc2.1'];

/** The entries that a whole state has. */
const RING = 14;

/** The truth of a channel, and what of it was delivered. */
export class Truth {
  readonly offsets = new Map<string, number[]>(ORIGINS.map((origin) => [origin, []]));
  readonly delivered = new Map<string, number>();
  readonly marks = new Map<string, { at: number; value: number }>();
  markVersion = -1;
  watching: number | undefined;
  gaugeVersion = 0;
  total = 0;

  append(origin: string, count: number): void {
    const own = this.offsets.get(origin) ?? [];
    for (let left = count; left > 0; left--) own.push((own.at(-1) ?? -1) + 1 + (left % 2));
  }

  newest(origin: string): number {
    return this.offsets.get(origin)?.at(-1) ?? -1;
  }

  /** Whole states or, of what was not delivered, deltas. */
  notes(isWhole: boolean): Vector {
    const vector: Record<string, { version: number; state: unknown }> = {};
    for (const [origin, all] of this.offsets) {
      const since = this.delivered.get(origin) ?? -1;
      const version = all.at(-1) ?? -1;
      if (version < 0) continue;
      const offsets = isWhole ? all.slice(-RING) : all.filter((offset) => offset > since);
      const cut = all.length > offsets.length ? (all.at(-offsets.length - 1) ?? -1) : -1;
      const floor = offsets.length === 0 ? version : cut;
      vector[origin] = { version, state: { floor, offsets } };
      this.delivered.set(origin, version);
    }
    return vector;
  }

  get cells(): Vector {
    const state = Object.fromEntries(this.marks);
    return this.markVersion < 0 ? {} : { 'dc1.1': { version: this.markVersion, state } };
  }
}

/** What a page knows of a channel. */
export class Page {
  readonly positions = new Map<string, number>();
  readonly marks = new Map<string, number>();
  readonly nods = new Set<string>();
  watching: number | undefined;
  total: number | undefined;
}

/** A client that reads its stream, and compares each event with what it knows. */
export class Client {
  readonly pages = new Map<string, Page>();
  lastId = '';
  session: Session | undefined;
  private read = 0;
  /** Channels that the client continues, on this stream or with the id of an earlier one. */
  readonly begun = new Set<string>();

  constructor(
    private readonly at: ReturnType<typeof frontend>,
    private readonly truths: ReadonlyMap<string, Truth>,
    readonly memberId: string,
  ) {}

  connect(names: string[], keepsId: boolean): void {
    if (this.session) this.at.sockets.leave(this.session.viewer);
    const id = keepsId ? this.lastId : '';
    this.session = this.at.open(names, id, undefined, { ...ANN, id: this.memberId });
    this.read = 0;
    if (!keepsId) this.begun.clear();
    for (const page of this.pages.values()) page.nods.clear();
  }

  readEvents(): void {
    if (!this.session) return;
    const text = this.at.sockets.sent.get(this.session.viewer) ?? '';
    const events = eventsIn(text.slice(this.read));
    this.read = text.length;
    for (const one of events) {
      if (one.id !== undefined) this.lastId = one.id;
      if (one.event !== 'ready') this.apply(one);
    }
  }

  pageOf(name: string): Page {
    const page = this.pages.get(name) ?? new Page();
    this.pages.set(name, page);
    return page;
  }

  private apply({ data, event }: StreamEvent): void {
    const name = String(data.channel);
    const page = this.pageOf(name);
    if (event === 'snapshot') this.applySnapshot(name, page, data);
    if (event === 'likes') {
      expect((page.total ?? Number.NaN) + Number(data.new)).toBe(data.total);
      page.total = Number(data.total);
    }
    if (event === 'watching') page.watching = Number(data.watching);
    if (event === 'mark') page.marks.set(this.other(data), Number(data.value));
    if (event === 'nod') {
      const isNew = data.active === true;
      const memberId = this.other(data);
      if (isNew) page.nods.add(memberId);
      else page.nods.delete(memberId);
    }
    if (event === 'note') this.applyNote(name, page, String(data.note));
    if (event === 'gap') this.applyGap(page, data);
  }

  /** The member of an event, who is never the client's own. */
  private other({ memberId }: StreamEvent['data']): string {
    expect(memberId).not.toBe(this.memberId);
    return String(memberId);
  }

  private applySnapshot(name: string, page: Page, data: StreamEvent['data']): void {
    const isOfLog = 'total' in data || 'notes' in data || 'marks' in data;
    // Leased feeds alone are a snapshot only for those who have seen nothing.
    expect(isOfLog || !this.begun.has(name)).toBe(true);
    this.begun.add(name);
    if ('total' in data) page.total = Number(data.total);
    if ('watching' in data) page.watching = Number(data.watching);
    if ('nods' in data) {
      page.nods.clear();
      for (const id of Object(data.nods)) page.nods.add(this.other({ memberId: id }));
    }
    if ('marks' in data) {
      page.marks.clear();
      for (const [id, value] of Object.entries(Object(data.marks))) {
        page.marks.set(id, Number(value));
      }
    }
    if (!('notes' in data)) return;
    page.positions.clear();
    for (const [origin, version] of vectorIn(Object(data.seen).notes)) {
      page.positions.set(origin, version);
    }
  }

  /** Each entry comes once, in the order of its origin, and none is left out. */
  private applyNote(name: string, page: Page, note: string): void {
    for (const [origin, offset] of vectorIn(note)) {
      const all = this.truths.get(name)?.offsets.get(origin) ?? [];
      const before = page.positions.get(origin) ?? -1;
      expect(all.find((one) => one > before)).toBe(offset);
      page.positions.set(origin, offset);
    }
  }

  /** A gap begins where the page stands. */
  private applyGap(page: Page, { after, upTo }: StreamEvent['data']): void {
    const from = signedVectorIn(after);
    for (const [origin, offset] of signedVectorIn(upTo)) {
      expect(page.positions.get(origin) ?? -1).toBe(from.get(origin) ?? -1);
      page.positions.set(origin, offset);
    }
  }
}

function vectorIn(text: unknown): ReadonlyMap<string, number> {
  return parseVectorText(String(text)) ?? new Map();
}

/** The same of a text that may have offsets of -1. */
function signedVectorIn(text: unknown): ReadonlyMap<string, number> {
  const parts = String(text).split(',').filter(Boolean);
  return new Map(parts.map((part) => [part.split('@')[0] ?? '', Number(part.split('@')[1])]));
}
