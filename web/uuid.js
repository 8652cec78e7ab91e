/**
 * Makes a UUIDv7. It contains the time of the tap, so the server can tell a repetition from a new
 * like without a look-up. `crypto.randomUUID` makes ids without a time, and needs a secure origin.
 * @param {number} now milliseconds since the epoch
 * @returns {string}
 */
export function uuidv7(now = Date.now()) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  // Shifts have only 32 bits in JavaScript, so divide.
  for (let i = 0; i < 6; i++) bytes[i] = Math.floor(now / 2 ** (40 - 8 * i)) % 256;
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
