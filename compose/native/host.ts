/** The only address on which parts listen, so that no part is open to the network. */
export const HOST = '127.0.0.1';
