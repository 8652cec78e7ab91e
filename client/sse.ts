/** One event of a stream, or a time to wait before the next one. */
export interface Block {
  readonly name: string;
  readonly data: string;
  readonly id?: string;
  readonly retryMs?: number;
}

/** Reads server-sent events from texts that may be cut anywhere. */
export function createParser(emit: (block: Block) => void): (text: string) => void {
  let rest = '';
  let fields: Record<string, string> = {};

  function end(): void {
    const { data = '', event: name = 'message', id, retry } = fields;
    fields = {};
    if (data === '' && retry === undefined) return;
    emit({
      ...{ name, data },
      ...(id !== undefined && { id }),
      ...(retry !== undefined && { retryMs: Number(retry) }),
    });
  }

  return (text) => {
    const lines = (rest + text).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      const [, name = '', value = ''] = /^([^:]*):? ?(.*?)\r?$/.exec(line) ?? [];
      if (name !== '') fields[name] = value;
      else if (value === '') end();
    }
  };
}
