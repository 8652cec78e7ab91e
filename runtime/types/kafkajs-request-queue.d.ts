declare module 'kafkajs/src/network/requestQueue' {
  /** The requests of one connection to a broker; kafkajs 2.2.4. */
  class RequestQueue {
    readonly pending: readonly unknown[];
    scheduleCheckPendingRequests(): void;
  }
  export = RequestQueue;
}
