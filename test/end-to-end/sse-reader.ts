export interface SseListener {
  comment(text: string): void;
  retry(ms: number): void;
  id(id: string): void;
  event(name: string, data: string, id: string | undefined): void;
}

/** Parses `text/event-stream` as in the HTML standard; an incomplete block is no event. */
export class SseReader {
  private rest = '';
  private name = '';
  private data: string[] = [];
  private id: string | undefined;

  constructor(private readonly listener: SseListener) {}

  push(text: string): void {
    const lines = (this.rest + text).split('\n');
    this.rest = lines.pop() ?? '';
    for (const line of lines) this.line(line.replace(/\r$/, ''));
  }

  private line(line: string): void {
    if (line === '') {
      this.dispatch();
      return;
    }
    if (line.startsWith(':')) {
      this.listener.comment(line.slice(1));
      return;
    }
    const [, field = '', value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line) ?? [];
    if (field === 'event') this.name = value;
    else if (field === 'data') this.data.push(value);
    else if (field === 'id') this.id = value;
    else if (field === 'retry' && /^\d+$/.test(value)) this.listener.retry(Number(value));
  }

  private dispatch(): void {
    const { name, data, id } = this;
    this.name = '';
    this.data = [];
    this.id = undefined;
    if (id !== undefined) this.listener.id(id);
    if (data.length > 0) this.listener.event(name || 'message', data.join('\n'), id);
  }
}
