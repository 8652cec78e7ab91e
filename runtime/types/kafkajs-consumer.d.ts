declare module 'kafkajs/src/consumer/offsetManager' {
  /** Where one member of a consumer group reads each partition; kafkajs 2.2.4. */
  class OffsetManager {
    readonly topicConfigurations: Readonly<Record<string, { fromBeginning?: boolean }>>;
    setDefaultOffset(place: { topic: string; partition: number }): Promise<void>;
  }
  export = OffsetManager;
}

declare module 'kafkajs/src/consumer/consumerGroup' {
  /** One membership of a consumer group; kafkajs 2.2.4. */
  class ConsumerGroup {
    /** When the last heartbeat was sent, by the wall clock, ms. */
    lastRequest: number;
    heartbeat(options: { interval: number }): Promise<void>;
  }
  export = ConsumerGroup;
}
