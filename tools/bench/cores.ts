/** Where each has a core of its own: the one that is measured, and its load. */
export const SERVER_CORE = 0;
export const CLIENT_CORE = 1;
