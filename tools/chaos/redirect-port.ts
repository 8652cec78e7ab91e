import { Socket } from 'node:net';

/**
 * Loaded into a role by `node -r`: redirects connections from one port to another. Kafka's clients
 * reconnect to the address that the broker advertises, so they would bypass a proxy that is only in
 * their settings.
 */
const { REDIRECT_PORT = '' } = process.env;
const [from, to] = REDIRECT_PORT.split(':').map(Number);
const connect: unknown = Socket.prototype.connect;

function redirected(value: unknown): unknown {
  if (Array.isArray(value)) {
    // Node passes its arguments as an array with a private mark, so that array must be kept.
    value[0] = redirected(value[0]);
    return value;
  }
  if (typeof value !== 'object' || value === null || !('port' in value)) return value;
  return Number(value.port) === from ? { ...value, port: to } : value;
}

if (from && to && typeof connect === 'function') {
  Socket.prototype.connect = function (this: Socket, ...args: unknown[]): Socket {
    return Reflect.apply(connect, this, args.map(redirected));
  };
}
