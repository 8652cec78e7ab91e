/** The core of the measured server, and that of its load. */
export const SERVER_CORE = 0;
export const CLIENT_CORE = 1;
