/** A UUID without its dashes. */
export const ID_BYTES = 16;

const ID_LENGTH = 36;
const VERSION_AT = 14;
const TIME_LOW_BITS = 2 ** 24;
/** Where the text has a dash: before these bytes. */
const DASHED = [4, 6, 8, 10];

/** By character code the value of a digit, 0 to 15; 255 for other characters. */
const VALUES = new Uint8Array(256).fill(255);
for (let value = 0; value < 16; value++) VALUES[value.toString(16).charCodeAt(0)] = value;

/** By byte its two digits. */
const DIGITS = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/**
 * Whether rows with this id go into blocks: it is a UUIDv7 as `packId` reads it. Ids that follow no
 * order would change a block each.
 */
export function isPacked(id: string): boolean {
  return id.length === ID_LENGTH && id[VERSION_AT] === '7' && packId(id, SCRATCH, 0);
}

const SCRATCH = Buffer.alloc(ID_BYTES);

/** Writes the bytes of a UUID in lower case; false if the text is another one. */
export function packId(id: string, into: Buffer, at: number): boolean {
  let from = 0;
  let bad = 0;
  for (let byte = 0; byte < ID_BYTES; byte++) {
    if (byte === 4 || byte === 6 || byte === 8 || byte === 10) {
      if (id.charCodeAt(from++) !== DASH) return false;
    }
    const high = VALUES[id.charCodeAt(from)] ?? 255;
    const low = VALUES[id.charCodeAt(from + 1)] ?? 255;
    bad |= high | low;
    into[at + byte] = (high << 4) | low;
    from += 2;
  }
  return bad < 16;
}

const DASH = '-'.charCodeAt(0);

/** The text of packed bytes. */
export function unpackId(bytes: Buffer): string {
  let text = '';
  for (let byte = 0; byte < ID_BYTES; byte++) {
    if (DASHED.includes(byte)) text += '-';
    text += DIGITS[bytes[byte] ?? 0];
  }
  return text;
}

/** The time in a packed UUIDv7, ms since the epoch. */
export function packedTime(bytes: Buffer, at: number): number {
  return bytes.readUIntBE(at, 3) * TIME_LOW_BITS + bytes.readUIntBE(at + 3, 3);
}
