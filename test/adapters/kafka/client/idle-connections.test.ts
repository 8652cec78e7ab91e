import RequestQueue = require('kafkajs/src/network/requestQueue');

import '../../../../adapters/kafka/client/client';

interface Inside {
  pending: unknown[];
  throttleCheckTimeoutId: NodeJS.Timeout | null;
}

/** A connection's queue, with its private fields. */
function aQueue(): RequestQueue & Inside {
  const logger = { debug: () => undefined };
  const options = {
    maxInFlightRequests: 1,
    requestTimeout: 1_000,
    logger,
    isConnected: () => true,
  };
  return Reflect.construct(RequestQueue, [options]);
}

test('a connection without waiting requests sets no timer', () => {
  const queue = aQueue();
  queue.scheduleCheckPendingRequests();
  expect(queue.throttleCheckTimeoutId).toBeNull();
});

test('a connection with a waiting request checks again soon', () => {
  const queue = aQueue();
  queue.pending = [{}];
  queue.scheduleCheckPendingRequests();
  expect(queue.throttleCheckTimeoutId).not.toBeNull();
  clearTimeout(queue.throttleCheckTimeoutId ?? undefined);
});
