/** The fields of one event of a stream; `retry` may come alone. */
export interface Block {
  readonly event?: string;
  readonly data?: string;
  readonly id?: string;
  readonly retry?: string;
}

/** Reads the server's events, whose fields are one line each, from texts cut anywhere. */
export function createParser(emit: (block: Block) => void): (text: string) => void {
  let rest = '';
  return (text) => {
    const blocks = (rest + text).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields: Record<string, string> = {};
      for (const [, name = '', value = ''] of block.matchAll(/^(\w+): ?(.*)/gm)) {
        fields[name] = value;
      }
      emit(fields);
    }
  };
}

/**
 * Reads the events of an answer until it ends; `heard` is called with whatever comes.
 * `EventSource` would hide the status, take no `Authorization`, and give up after a 502.
 */
export async function readEvents(
  { body }: Response,
  heard: () => void,
  emit: (block: Block) => void,
): Promise<void> {
  const parse = createParser(emit);
  const reader = body?.pipeThrough(new TextDecoderStream()).getReader();
  for (let part = await reader?.read(); part?.value; part = await reader?.read()) {
    heard();
    parse(part.value);
  }
}
