/** Writes the fields of a request in the flexible versions of Kafka's protocol (KIP-482). */
export class WireWriter {
  private readonly fields: Buffer[] = [];

  int16(value: number): this {
    const field = Buffer.alloc(2);
    field.writeInt16BE(value);
    return this.bytes(field);
  }

  int32(value: number): this {
    const field = Buffer.alloc(4);
    field.writeInt32BE(value);
    return this.bytes(field);
  }

  int8(value: number): this {
    const field = Buffer.alloc(1);
    field.writeInt8(value);
    return this.bytes(field);
  }

  int64(value: bigint): this {
    const field = Buffer.alloc(8);
    field.writeBigInt64BE(value);
    return this.bytes(field);
  }

  bool(value: boolean): this {
    return this.bytes(Buffer.from([value ? 1 : 0]));
  }

  bytes(value: Buffer): this {
    this.fields.push(value);
    return this;
  }

  /** A string of the header, which is not compact in any version. */
  nullableString(text: string): this {
    return this.int16(Buffer.byteLength(text)).bytes(Buffer.from(text));
  }

  compactString(text: string): this {
    return this.count(Buffer.byteLength(text)).bytes(Buffer.from(text));
  }

  /** The length of the next field plus one, as a varint: 0 means null. */
  count(length: number): this {
    let rest = length + 1;
    for (; rest >= 0x80; rest >>>= 7) this.bytes(Buffer.from([(rest & 0x7f) | 0x80]));
    return this.bytes(Buffer.from([rest]));
  }

  /** Writes that no tagged fields follow. */
  tags(): this {
    return this.bytes(Buffer.from([0]));
  }

  /** The request, with its length in front. */
  framed(): Buffer {
    const body = Buffer.concat(this.fields);
    return Buffer.concat([new WireWriter().int32(body.length).whole(), body]);
  }

  private whole(): Buffer {
    return Buffer.concat(this.fields);
  }
}

/** Reads the fields of an answer in order; throws a RangeError past the end. */
export class WireReader {
  private at = 0;

  constructor(private readonly buffer: Buffer) {}

  int16(): number {
    return this.bytes(2).readInt16BE();
  }

  int32(): number {
    return this.bytes(4).readInt32BE();
  }

  int64(): bigint {
    return this.bytes(8).readBigInt64BE();
  }

  bytes(length: number): Buffer {
    if (this.at + length > this.buffer.length) throw new RangeError('the answer is cut short');
    this.at += length;
    return this.buffer.subarray(this.at - length, this.at);
  }

  compactString(): string | undefined {
    const length = this.varint();
    return length === 0 ? undefined : this.bytes(length - 1).toString();
  }

  list<T>(item: () => T): T[] {
    const items: T[] = [];
    for (let left = this.varint() - 1; left > 0; left--) items.push(item());
    return items;
  }

  /** Skips tagged fields. */
  tags(): void {
    for (let left = this.varint(); left > 0; left--) {
      this.varint();
      this.bytes(this.varint());
    }
  }

  private varint(): number {
    let value = 0;
    for (let shift = 0; ; shift += 7) {
      const [byte = 0] = this.bytes(1);
      value |= (byte & 0x7f) << shift;
      if (byte < 0x80) return value >>> 0;
    }
  }
}
