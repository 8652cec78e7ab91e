import { connect, isIP, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import type { TlsFiles } from '../../../runtime/settings/tls-files';

export interface BrokerAddress {
  readonly host: string;
  readonly port: number;
  /** The longest silence, ms; any if not given. */
  readonly timeout?: number;
}

/** Connects to a broker, by TLS if files or an empty object are given. */
export function brokerSocket(
  address: BrokerAddress,
  tls: TlsFiles | undefined,
  onConnect?: () => void,
): Socket {
  const { host } = address;
  if (!tls) return connect({ ...address }, onConnect);
  // Brokers that share an address choose their certificate by this name (RFC 6066, section 3),
  // which must not be an IP address.
  const servername = isIP(host) ? {} : { servername: host };
  return connectTls({ ...address, ...servername, ...tls }, onConnect);
}
