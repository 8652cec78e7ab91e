import { checkServerIdentity, type PeerCertificate } from 'node:tls';

/**
 * Accepts a node's certificate if it is of the node's address, or of a name in the contact points.
 * The driver connects to addresses that nodes announce, and knows no other name of them.
 */
export function identityBy(names: readonly string[]) {
  return (address: string, certificate: PeerCertificate): Error | undefined => {
    const [first, ...others] = [address, ...names].map((name) =>
      checkServerIdentity(name, certificate),
    );
    return others.includes(undefined) ? undefined : first;
  };
}

/** The host of a contact point, with or without a port. */
export function hostOf(contactPoint: string): string {
  return new URL(`cassandra://${contactPoint}`).hostname.replace(/^\[|\]$/g, '');
}
