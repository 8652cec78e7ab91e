const MAX_SIZE_LINE_CHARS = 1024;

/** Decodes HTTP/1.1's chunked transfer coding. */
export class ChunkDecoder {
  /** Whether the last chunk was read. */
  done = false;
  private line = '';
  private left = 0;
  private afterChunk = false;

  /** Returns the body in a text that was read; each character is one byte. */
  push(read: string): string {
    let body = '';
    let at = 0;
    while (at < read.length && !this.done) {
      if (this.left > 0) {
        const piece = read.slice(at, at + this.left);
        this.left -= piece.length;
        at += piece.length;
        body = body === '' ? piece : body + piece;
      } else {
        at = this.readLine(read, at);
      }
    }
    return body;
  }

  private readLine(read: string, at: number): number {
    const newline = read.indexOf('\n', at);
    const end = newline < 0 ? read.length : newline + 1;
    this.line += read.slice(at, end);
    if (this.line.length > MAX_SIZE_LINE_CHARS) {
      throw new Error('a chunk size is too long');
    }
    if (newline >= 0) {
      this.takeLine(this.line.trim());
      this.line = '';
    }
    return end;
  }

  private takeLine(line: string): void {
    if (this.afterChunk) {
      if (line !== '') throw new Error('a chunk is longer than its size');
      this.afterChunk = false;
      return;
    }
    if (!/^[0-9a-f]{1,8}\s*(;|$)/i.test(line)) {
      throw new Error('a chunk size is not a number');
    }
    this.left = Number.parseInt(line, 16);
    this.done = this.left === 0;
    this.afterChunk = true;
  }
}
