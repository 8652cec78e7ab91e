/** The namespace if `NAMESPACE` is not set. */
export const DEFAULT_NAMESPACE = 'likestream';

/** The name of a log of updates for other datacenters, as `EventLog.append` takes it. */
export function updatesOf(type: string): string {
  return `updates.${type}`;
}

/** The log of moments and of values for other datacenters; it is read from its end. */
export const MOMENTS = 'moments';

/**
 * The names of everything on shared servers. Each begins with the namespace, so that several
 * installations can use the same servers.
 */
export class Names {
  constructor(readonly namespace: string = DEFAULT_NAMESPACE) {}

  /** A log's topic in a generation: `likestream.likes`, then `likestream.likes.2`. */
  topic(log: string, generation: number): string {
    return `${this.namespace}.${log}${generation === 1 ? '' : `.${generation}`}`;
  }

  /** The copy of a datacenter's topic in another one, as MirrorMaker names it. */
  mirrored(datacenter: string, topic: string): string {
    return `${datacenter}.${topic}`;
  }

  /** The regular expression of the topics of updates, for MirrorMaker: all types, generations. */
  get updatesPattern(): string {
    return `${this.namespace}[.]updates[.][a-z0-9-]+([.][0-9]+)?`;
  }

  /** The regular expression of the topic of moments, for MirrorMaker. */
  get momentsPattern(): string {
    return `${this.namespace}[.]${MOMENTS}`;
  }

  /** The consumer group of a datacenter's dispatchers that read moments. */
  momentsGroup(datacenter: string): string {
    return `${this.namespace}.${datacenter}.${MOMENTS}`;
  }

  /** The consumer group of the dispatchers that own a type's log. */
  group(origin: string, type: string): string {
    return `${this.namespace}.${origin}.${type}`;
  }

  /** Cassandra's keyspace. */
  get keyspace(): string {
    return this.namespace;
  }

  /** The beginning of each key in Redis. */
  get keyPrefix(): string {
    return `${this.namespace}:`;
  }
}
