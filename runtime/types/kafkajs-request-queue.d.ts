declare module 'kafkajs/src/network/requestQueue' {
  interface SocketRequest {
    readonly requestTimeout: number;
    timeoutRequest(): void;
  }

  /** The requests of one connection to a broker; kafkajs 2.2.4. */
  class RequestQueue {
    readonly pending: readonly unknown[];
    readonly inflight: ReadonlyMap<number, SocketRequest>;
    readonly enforceRequestTimeout: boolean;
    isConnected(): boolean;
    scheduleCheckPendingRequests(): void;
    scheduleRequestTimeoutCheck(): void;
    destroy(): void;
  }
  export = RequestQueue;
}
