const VARINT_BITS = 7;
const VARINT_BASE = 1 << VARINT_BITS;
const MORE = 0x80;
/** Numbers below this one fit bitwise operators. */
const INT_LIMIT = 2 ** 31;

/** Writes numbers and texts into bytes of a fixed size; the caller sees to the room. */
export class ByteWriter {
  at = 0;

  constructor(readonly bytes: Buffer) {}

  /** Writes a safe integer from 0 on, in one byte for each 7 bits. */
  varint(value: number): void {
    const { bytes } = this;
    let rest = value;
    while (rest >= INT_LIMIT) {
      bytes[this.at++] = (rest % VARINT_BASE) | MORE;
      rest = Math.floor(rest / VARINT_BASE);
    }
    while (rest >= VARINT_BASE) {
      bytes[this.at++] = (rest & (VARINT_BASE - 1)) | MORE;
      rest >>>= VARINT_BITS;
    }
    bytes[this.at++] = rest;
  }

  /** Writes an integer below 2^52 whose absolute value is mostly small. */
  signed(value: number): void {
    this.varint(value < 0 ? -value * 2 - 1 : value * 2);
  }

  text(value: string, length: number): void {
    this.varint(length);
    this.at += this.bytes.write(value, this.at);
  }

  copy(from: Buffer): void {
    this.at += from.copy(this.bytes, this.at);
  }
}

/** Reads what `ByteWriter` wrote. */
export class ByteReader {
  constructor(
    private readonly bytes: Buffer,
    public at = 0,
  ) {}

  varint(): number {
    let byte = this.bytes[this.at++] ?? 0;
    let value = byte & (VARINT_BASE - 1);
    for (let factor = VARINT_BASE; byte >= MORE; factor *= VARINT_BASE) {
      byte = this.bytes[this.at++] ?? 0;
      value += (byte & (VARINT_BASE - 1)) * factor;
    }
    return value;
  }

  signed(): number {
    const value = this.varint();
    return value % 2 === 1 ? -(value + 1) / 2 : value / 2;
  }

  text(): string {
    const end = this.varint() + this.at;
    const value = this.bytes.toString('utf8', this.at, end);
    this.at = end;
    return value;
  }
}

/** The bytes of `varint(value)`. */
export function varintBytes(value: number): number {
  let bytes = 1;
  for (let rest = value; rest >= VARINT_BASE; rest = Math.floor(rest / VARINT_BASE)) bytes += 1;
  return bytes;
}
