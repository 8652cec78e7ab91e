import RequestQueue = require('kafkajs/src/network/requestQueue');

import '../../../../adapters/kafka/client/client';

interface Inside {
  pending: unknown[];
  throttleCheckTimeoutId: NodeJS.Timeout | null;
}

/** A connection's queue, with what it keeps to itself. */
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

test('a connection on which no request waits sets no timer', () => {
  const queue = aQueue();
  queue.scheduleCheckPendingRequests();
  expect(queue.throttleCheckTimeoutId).toBeNull();
});

test('one on which a request waits looks again soon', () => {
  const queue = aQueue();
  queue.pending = [{}];
  queue.scheduleCheckPendingRequests();
  expect(queue.throttleCheckTimeoutId).not.toBeNull();
  clearTimeout(queue.throttleCheckTimeoutId ?? undefined);
});
