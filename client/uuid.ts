/**
 * Makes a UUIDv7. It has the time of the tap, so the server can tell a repetition from a new like
 * without a look-up. `crypto.randomUUID` makes ids without a time, and needs a secure origin.
 */
export function uuidv7(now: number = Date.now()): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  const hex = Array.from(bytes, (byte, at) => {
    // Shifts have only 32 bits in JavaScript, so divide.
    if (at < 6) byte = Math.floor(now / 2 ** (40 - 8 * at)) % 256;
    if (at === 6) byte = (byte & 0x0f) | 0x70;
    if (at === 8) byte = (byte & 0x3f) | 0x80;
    return byte.toString(16).padStart(2, '0');
  });
  return hex.join('').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
