import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { StackSecurity } from './stack-security';

/** The part of a node's settings that is about who may use it. */
export function accessSettings(folder: string, security: StackSecurity | undefined): string {
  if (!security) return 'authenticator: AllowAllAuthenticator\nauthorizer: AllowAllAuthorizer';
  const keys = join(folder, 'keys.pem');
  const [key, cert] = [readFileSync(security.key, 'utf8'), readFileSync(security.cert, 'utf8')];
  writeFileSync(keys, `${key}${cert}`, { mode: 0o600 });
  return [
    'authenticator: PasswordAuthenticator',
    'authorizer: CassandraAuthorizer',
    // A new right is of use at once.
    'permissions_validity: 0ms',
    'roles_validity: 0ms',
    'client_encryption_options:',
    '  enabled: true',
    '  optional: false',
    '  ssl_context_factory:',
    '    class_name: org.apache.cassandra.security.PEMBasedSslContextFactory',
    `  keystore: ${keys}`,
    `  truststore: ${security.ca}`,
  ].join('\n');
}
