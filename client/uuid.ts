/**
 * Makes a UUIDv7. It has the time of the tap, so the server can tell a repetition from a new like
 * without a look-up. `crypto.randomUUID` makes ids without a time, and needs a secure origin.
 */
export function uuidv7(): string {
  let hex = Date.now().toString(16).padStart(12, '0');
  for (const byte of crypto.getRandomValues(new Uint8Array(20))) hex += (byte % 16).toString(16);
  return hex.replace(/(.{8})(....)(...)(...)(.{12}).*/, '$1-$2-7$3-8$4-$5');
}
