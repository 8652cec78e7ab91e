/** Logins, rights and TLS of a stack's servers. */
export interface StackSecurity {
  /** PEM files: the authority that clients trust, and the servers' certificate with its key. */
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
  /** Kafka's users and their passwords; `ADMIN` may do everything, the others nothing yet. */
  readonly kafkaUsers: Readonly<Record<string, string>>;
}

/** The user who may do everything on a secured Kafka. */
export const ADMIN = 'admin';
