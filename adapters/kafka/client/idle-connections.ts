import RequestQueue = require('kafkajs/src/network/requestQueue');

/**
 * Has connections to Kafka on which no request waits do nothing. kafkajs 2.2.4 looks for waiting
 * requests after a time that is below zero where nothing holds them back, so every millisecond, on
 * each connection, for ever. A request that has to wait asks for a look of its own.
 */
export function quietIdleConnections(): void {
  const { prototype } = RequestQueue;
  const schedule = prototype.scheduleCheckPendingRequests;
  prototype.scheduleCheckPendingRequests = function (): void {
    if (this.pending.length > 0) schedule.call(this);
  };
}
