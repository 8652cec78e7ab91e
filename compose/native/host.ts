/** All parts listen here only: nothing of the stack is open to the network. */
export const HOST = '127.0.0.1';
