import type { Admin, Kafka } from 'kafkajs';
import { consumerOf } from '../adapters/kafka/client/client';
import type { LogIdentity } from '../adapters/kafka/cluster/log-identity';
import type { KafkaQuorum } from '../adapters/kafka/cluster/quorum';
import { KafkaLogSource } from '../adapters/kafka/consume/log-source';
import { PeerTopics } from '../adapters/kafka/peers/peer-topics';
import type { ConfirmEnd } from '../adapters/kafka/positions/loss-checks';
import { systemClock as clock } from '../runtime/clock';
import { DedupeWindow } from '../schemas/dedupe-window';
import type { LoggedType } from '../schemas/event-type';
import { GroupReadiness } from './group-readiness';
import type { OwnGeneration } from './own-generation';
import type { ProcessContext } from './process-context';

export interface KafkaSourcesOptions {
  readonly kafka: Pick<Kafka, 'consumer'>;
  readonly admin: Admin;
  readonly quorum: Pick<KafkaQuorum, 'end'>;
  readonly identity: Pick<LogIdentity, 'check'>;
  readonly generation: Pick<OwnGeneration, 'origin' | 'peerTopicsOf' | 'topicOf'>;
  readonly context: Pick<
    ProcessContext,
    'failed' | 'fatal' | 'log' | 'names' | 'settings' | 'types' | 'unavailable'
  >;
}

/**
 * This process's members of the consumer groups: each event type has its own consumer and group, so
 * that a type whose records cannot be consumed stops no other one.
 */
export class KafkaSources {
  private readonly sources = new Map<string, KafkaLogSource>();
  private readonly readiness: GroupReadiness;

  constructor(private readonly options: KafkaSourcesOptions) {
    this.readiness = new GroupReadiness(options.context);
  }

  /** The source of an event type's log; the same one for each call. */
  of({ name }: LoggedType): KafkaLogSource {
    const source = this.sources.get(name) ?? this.create(name);
    this.sources.set(name, source);
    return source;
  }

  /** Unread records of this process's partitions, of all types. */
  get lag(): number {
    return [...this.sources.values()].reduce((sum, { lag }) => sum + lag, 0);
  }

  private create(type: string): KafkaLogSource {
    const { admin, context, generation, identity, kafka, quorum } = this.options;
    const { failed, fatal, log, names, settings, types } = context;
    const groupId = names.group(generation.origin, type);
    const confirmEnd: ConfirmEnd = (topic, partition) => quorum.end(topic, partition);
    const group = { consumer: consumerOf(kafka, groupId), admin, groupId, clock };
    const reading = { ...group, failed, confirmEnd };
    const topics = generation.peerTopicsOf(type);
    const dedupe = new DedupeWindow(settings.DEDUPE_WINDOW_MS);
    const warn = (line: string) => log.warn(line);
    const updates = { ...reading, types, type, topics, dedupe, warn };
    this.readiness.set(type, false);
    return new KafkaLogSource({
      ...{ ...reading, fatal, topic: generation.topicOf(type) },
      peers: topics.length > 0 ? new PeerTopics(updates) : undefined,
      check: () => identity.check(),
      membership: (isMember) => this.readiness.set(type, isMember),
    });
  }
}
