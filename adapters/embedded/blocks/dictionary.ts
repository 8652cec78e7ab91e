import { type ByteReader, type ByteWriter, varintBytes } from './bytes';

/** The texts of one column, each of which is written once a block. */
export class Dictionary {
  private readonly indexes = new Map<string, number>();
  private readonly lengths: number[] = [];
  /** The bytes of all texts with their lengths. */
  private textBytes = 0;

  /** The bytes that `write` takes, without those of the count. */
  get size(): number {
    return this.textBytes;
  }

  /** The bytes that a text would add. */
  growth(text: string): number {
    if (this.indexes.has(text)) return 0;
    const length = Buffer.byteLength(text);
    return varintBytes(length) + length;
  }

  /** The index of a text, which is added if it is new. */
  indexOf(text: string): number {
    const known = this.indexes.get(text);
    if (known !== undefined) return known;
    const index = this.indexes.size;
    const length = Buffer.byteLength(text);
    this.indexes.set(text, index);
    this.lengths.push(length);
    this.textBytes += varintBytes(length) + length;
    return index;
  }

  write(writer: ByteWriter): void {
    writer.varint(this.indexes.size);
    let index = 0;
    for (const text of this.indexes.keys()) writer.text(text, this.lengths[index++] ?? 0);
  }

  clear(): void {
    this.indexes.clear();
    this.lengths.length = 0;
    this.textBytes = 0;
  }
}

/** The texts that `Dictionary.write` wrote, in the order of their indexes. */
export function readTexts(reader: ByteReader): string[] {
  const texts: string[] = [];
  for (let left = reader.varint(); left > 0; left--) texts.push(reader.text());
  return texts;
}
