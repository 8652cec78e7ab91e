import type { Kafka, Producer } from 'kafkajs';
import { consumerOf } from '../adapters/kafka/client/client';
import { KafkaMoments } from '../adapters/kafka/moments/moments';
import type { Moments } from '../adapters/moments';
import { systemClock as clock } from '../runtime/clock';
import { systemEntropy } from '../runtime/entropy';
import { momentTopics } from './moment-topics';
import type { ProcessContext } from './process-context';

/** The log of moments on Kafka; one that is never used if no type needs it. */
export function kafkaMoments(
  context: Pick<ProcessContext, 'failed' | 'fatal' | 'names' | 'settings' | 'types'>,
  kafka: Pick<Kafka, 'consumer'>,
  producer: Pick<Producer, 'sendBatch'>,
): Moments {
  const { failed, fatal, names, settings } = context;
  const { own = '', peers = new Map<string, string>() } = momentTopics(context) ?? {};
  const groupId = names.momentsGroup(settings.DATACENTER);
  return new KafkaMoments({
    ...{ clock, failed, fatal, groupId, peers, producer },
    consumer: () => consumerOf(kafka, groupId),
    datacenter: settings.DATACENTER,
    processId: systemEntropy.secretId(),
    topic: own,
  });
}
