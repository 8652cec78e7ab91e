declare module 'kafkajs/src/consumer/offsetManager' {
  /** The offsets at which a member of a consumer group reads its partitions; kafkajs 2.2.4. */
  class OffsetManager {
    readonly groupId?: string;
    readonly topicConfigurations: Readonly<Record<string, { fromBeginning?: boolean }>>;
    setDefaultOffset(place: { topic: string; partition: number }): Promise<void>;
    /** Without offsets, commits those that are resolved. */
    commitOffsets(offsets?: object): Promise<void>;
  }
  export = OffsetManager;
}

declare module 'kafkajs/src/consumer/consumerGroup' {
  /** One membership of a consumer group; kafkajs 2.2.4. */
  class ConsumerGroup {
    /** The wall clock at the last heartbeat, ms. */
    lastRequest: number;
    /** The generation that it has joined. */
    readonly generationId: number | null;
    heartbeat(options: { interval: number }): Promise<void>;
  }
  export = ConsumerGroup;
}
