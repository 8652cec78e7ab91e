import { HOST } from './host';
import type { Ports } from './ports';

/** The addresses of a stack's parts, for clients. */
export interface Addresses {
  readonly kafka: string;
  readonly cassandra: string;
  readonly redis: string;
}

/** The default name of the datacenter of a single Cassandra node. */
export const CASSANDRA_DATACENTER = 'datacenter1';

/** The addresses with these ports. */
export function addressesOf(ports: Pick<Ports, keyof Addresses>): Addresses {
  return {
    kafka: `${HOST}:${ports.kafka}`,
    cassandra: `${HOST}:${ports.cassandra}`,
    redis: `redis://${HOST}:${ports.redis}`,
  };
}

/** The environment variables with a stack's addresses. */
export function environmentOf(addresses: Addresses): Readonly<Record<string, string>> {
  return {
    KAFKA_BROKERS: addresses.kafka,
    CASSANDRA_CONTACT_POINTS: addresses.cassandra,
    CASSANDRA_LOCAL_DATACENTER: CASSANDRA_DATACENTER,
    REDIS_URL: addresses.redis,
  };
}
