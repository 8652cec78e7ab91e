/** An event id whose bytes are not valid. */
export class UnreadablePlace extends Error {}

/** Writes a whole number of at least 0 as a LEB128 varint. */
export function writeVarint(into: number[], value: number): void {
  let rest = value;
  while (rest > 0x7f) {
    into.push((rest % 0x80) | 0x80);
    rest = Math.floor(rest / 0x80);
  }
  into.push(rest);
}

/** Writes a text of at most 127 Latin-1 characters, after its length. */
export function writeText(into: number[], text: string): void {
  into.push(text.length, ...Buffer.from(text, 'latin1'));
}

/** Reads bytes in order; a read past the end throws `UnreadablePlace`. */
export class PlaceReader {
  private at = 0;
  constructor(private readonly bytes: Buffer) {}

  get ended(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    return this.bytes.readUInt8(this.take(1));
  }

  key(): bigint {
    return this.bytes.readBigUInt64LE(this.take(8));
  }

  text(): string {
    const length = this.byte();
    const start = this.take(length);
    return this.bytes.toString('latin1', start, start + length);
  }

  varint(): number {
    let value = 0;
    for (let scale = 1; scale <= 0x80 ** 7; scale *= 0x80) {
      const byte = this.byte();
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) {
        if (!Number.isSafeInteger(value)) break;
        return value;
      }
    }
    throw new UnreadablePlace('varint');
  }

  /** A number of items, at most `max`. */
  count(max: number): number {
    const count = this.varint();
    if (count > max) throw new UnreadablePlace('too many items');
    return count;
  }

  /** One of the names, by its index. */
  name(names: readonly string[]): string {
    const name = names[this.varint()];
    if (name === undefined) throw new UnreadablePlace('name');
    return name;
  }

  private take(count: number): number {
    const start = this.at;
    this.at += count;
    if (this.at > this.bytes.length) throw new UnreadablePlace('the end');
    return start;
  }
}
