declare module 'kafkajs/src/network/connection' {
  import type { Socket } from 'node:net';

  import RequestQueue = require('kafkajs/src/network/requestQueue');

  /** One connection to a broker, which connects again after it was closed; kafkajs 2.2.4. */
  class Connection {
    readonly requestQueue: RequestQueue;
    readonly socket?: Socket;
    /** The bytes of an answer that has not arrived completely. */
    chunks: Buffer[];
    bytesBuffered: number;
    bytesNeeded: number;
    isConnected(): boolean;
    connect(): Promise<boolean>;
  }
  export = Connection;
}

declare module 'kafkajs/src/cluster' {
  /** The brokers that one client knows; kafkajs 2.2.4. */
  class Cluster {
    refreshMetadata(): Promise<void>;
    findGroupCoordinatorMetadata(group: object): Promise<object>;
  }
  export = Cluster;
}
