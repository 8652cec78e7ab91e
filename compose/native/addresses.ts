import { HOST } from './host';
import type { Ports } from './ports';

/** Where a stack's parts listen, as clients are told. */
export interface Addresses {
  readonly kafka: string;
  readonly cassandra: string;
  readonly redis: string;
}

/** The name that a Cassandra of one node gives its own datacenter. */
export const CASSANDRA_DATACENTER = 'datacenter1';

/** The addresses that belong to some ports. */
export function addressesOf(ports: Pick<Ports, keyof Addresses>): Addresses {
  return {
    kafka: `${HOST}:${ports.kafka}`,
    cassandra: `${HOST}:${ports.cassandra}`,
    redis: `redis://${HOST}:${ports.redis}`,
  };
}

/** The environment variables that lead a program to a stack. */
export function environmentOf(addresses: Addresses): Readonly<Record<string, string>> {
  return {
    KAFKA_BROKERS: addresses.kafka,
    CASSANDRA_CONTACT_POINTS: addresses.cassandra,
    CASSANDRA_LOCAL_DATACENTER: CASSANDRA_DATACENTER,
    REDIS_URL: addresses.redis,
  };
}
