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
      const fields = block.matchAll(/^(\w+): ?(.*)/gm);
      emit(Object.fromEntries(Array.from(fields, ([, name, value]) => [name, value])));
    }
  };
}
