import { Socket } from 'node:net';

/**
 * Loaded into a role by `node -r`: connections to one port go to another one instead. Kafka's
 * clients reconnect to the address that the broker advertises, so that a proxy in their settings
 * would be left at once.
 */
const { REDIRECT_PORT = '' } = process.env;
const [from, to] = REDIRECT_PORT.split(':').map(Number);
const connect: unknown = Socket.prototype.connect;

function redirected(value: unknown): unknown {
  if (Array.isArray(value)) {
    // Node hands on its arguments as an array that it has marked: it must stay the same one.
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
