const hexOf = (byte: number): string => byte.toString(16).padStart(2, '0');

/**
 * Makes a UUIDv7. It has the time of the tap, so the server can tell a repetition from a new like
 * without a look-up. `crypto.randomUUID` makes ids without a time, and needs a secure origin.
 */
export function uuidv7(): string {
  const time = Date.now().toString(16).padStart(12, '0');
  const random = Array.from(crypto.getRandomValues(new Uint8Array(10)), hexOf).join('');
  const hex = `${time}7${random.slice(1, 4)}8${random.slice(5)}`;
  return hex.replace(/(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}
