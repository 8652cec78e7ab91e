import { Recent } from './recent';

const MAX_EVENT_CHARS = 1 << 20;
const NOT_ASCII = /[\x80-\xff]/;
const RETRY_PATTERN = /^\d{1,9}$/;

/** One block of an event stream. */
export interface StreamEvent {
  /** The event's name; `message` if the block has none. */
  readonly name: string;
  /** The parsed data; `undefined` without data. */
  readonly data: unknown;
  /** Whether the data is not JSON. */
  readonly unreadable: boolean;
  readonly id: string | undefined;
  /** Wait before the next connection, in ms. */
  readonly retryMs: number | undefined;
}

// A server sends the same bytes to every viewer, so the parsed result is kept for the next one.
const recent = new Recent<readonly StreamEvent[]>();

/**
 * Parses the events of one stream from pieces of any length. The text has one character for each
 * byte (latin1); data is decoded as UTF-8.
 */
export class EventParser {
  private rest = '';

  /** Adds text, and returns the events that are complete; throws if an event is too long. */
  push(read: string): readonly StreamEvent[] {
    const text = this.rest === '' ? read : this.rest + read;
    const known = recent.find(text);
    if (known !== undefined) {
      this.rest = '';
      return known;
    }
    return this.parse(text);
  }

  private parse(raw: string): readonly StreamEvent[] {
    const text = raw.includes('\r') ? withPlainLines(raw) : raw;
    const end = text.lastIndexOf('\n\n');
    this.rest = end < 0 ? text : text.slice(end + 2);
    if (this.rest.length > MAX_EVENT_CHARS) {
      throw new Error(`an event of more than ${MAX_EVENT_CHARS} bytes`);
    }
    if (end < 0) {
      return [];
    }
    const events = text.slice(0, end).split('\n\n').map(readBlock);
    if (this.rest === '') {
      recent.keep(raw, events);
    }
    return events;
  }
}

// A carriage return at the end stays, because a newline may follow in the next piece.
function withPlainLines(text: string): string {
  return text.replace(/\r\n|\r(?!$)/g, '\n');
}

function readBlock(block: string): StreamEvent {
  const text = NOT_ASCII.test(block) ? Buffer.from(block, 'latin1').toString('utf8') : block;
  const fields = { event: 'message', id: undefined, retry: undefined } as Fields;
  const data: string[] = [];
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') {
      data.push(value);
    } else if (field === 'event' || field === 'id' || field === 'retry') {
      fields[field] = value;
    }
  }
  return { ...readData(data), ...readFields(fields) };
}

interface Fields {
  event: string;
  id: string | undefined;
  retry: string | undefined;
}

function readFields(fields: Fields): Pick<StreamEvent, 'name' | 'id' | 'retryMs'> {
  const { event, id, retry } = fields;
  const retryMs = retry !== undefined && RETRY_PATTERN.test(retry) ? Number(retry) : undefined;
  return { name: event, id: id?.includes('\0') ? undefined : id, retryMs };
}

function readData(lines: readonly string[]): Pick<StreamEvent, 'data' | 'unreadable'> {
  if (lines.length === 0) {
    return { data: undefined, unreadable: false };
  }
  try {
    return { data: JSON.parse(lines.join('\n')) as unknown, unreadable: false };
  } catch {
    return { data: undefined, unreadable: true };
  }
}
