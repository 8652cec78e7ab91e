import RequestQueue = require('kafkajs/src/network/requestQueue');

/**
 * Stops the checks for waiting requests on connections that have none. kafkajs 2.2.4 schedules each
 * check after the remaining throttle time. Without a throttle that time is negative, so every
 * connection checks each millisecond, forever. A request that must wait schedules its own check.
 */
export function quietIdleConnections(): void {
  const { prototype } = RequestQueue;
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (): void {
    if (this.pending.length > 0) schedule.call(this);
  };
}
