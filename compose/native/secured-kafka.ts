import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kafkaSecurity } from '../../adapters/kafka/client/security';
import { clusterView } from '../../adapters/kafka/cluster/topic-metadata';
import { HOST } from './host';
import { ADMIN, type StackSecurity } from './stack-security';

const MODULES = 'org.apache.kafka.common.security';
const SCRAMS = ['SCRAM-SHA-256', 'SCRAM-SHA-512'] as const;
const INTER_BROKER = SCRAMS[1];

/** The settings of a broker whose clients need TLS, a login and rights. Later lines win. */
export function securedKafka(
  { ca, cert, kafkaUsers, key }: StackSecurity,
  { controllerPort, folder, port }: Record<'controllerPort' | 'port', number> & { folder: string },
): string {
  const keys = join(folder, 'keys.pem');
  writeFileSync(keys, `${readFileSync(key, 'utf8')}${readFileSync(cert, 'utf8')}`, { mode: 0o600 });
  const login = (mechanism: string, module: string, options = '') =>
    `listener.name.sasl_ssl.${mechanism.toLowerCase()}.sasl.jaas.config=` +
    `${MODULES}.${module} required${options};`;
  const admin = ` username="${ADMIN}" password="${kafkaUsers[ADMIN]}"`;
  const passwords = Object.entries(kafkaUsers).map(([name, word]) => ` user_${name}="${word}"`);
  return [
    '',
    `listeners=SASL_SSL://${HOST}:${port},CONTROLLER://${HOST}:${controllerPort}`,
    `advertised.listeners=SASL_SSL://${HOST}:${port}`,
    'listener.security.protocol.map=SASL_SSL:SASL_SSL,CONTROLLER:PLAINTEXT',
    'inter.broker.listener.name=SASL_SSL',
    `sasl.mechanism.inter.broker.protocol=${INTER_BROKER}`,
    `sasl.enabled.mechanisms=PLAIN,${SCRAMS.join()},OAUTHBEARER`,
    ...SCRAMS.map((each) => login(each, 'scram.ScramLoginModule', admin)),
    login('PLAIN', 'plain.PlainLoginModule', passwords.join('')),
    // For tests only: Kafka accepts each token without a signature.
    login(
      'OAUTHBEARER',
      'oauthbearer.OAuthBearerLoginModule',
      ' unsecuredLoginStringClaim_sub="-"',
    ),
    `ssl.keystore.type=PEM\nssl.keystore.location=${keys}`,
    `ssl.truststore.type=PEM\nssl.truststore.location=${ca}`,
    'ssl.client.auth=requested',
    'authorizer.class.name=org.apache.kafka.metadata.authorizer.StandardAuthorizer',
    // The broker is its own controller, and anonymous there.
    `super.users=User:${ADMIN};User:ANONYMOUS`,
    '',
  ].join('\n');
}

/** The arguments of the storage tool that create the users. */
export function scramUsers({ kafkaUsers }: StackSecurity): string[] {
  return SCRAMS.flatMap((mechanism) =>
    Object.entries(kafkaUsers).flatMap(([name, password]) => [
      '--add-scram',
      `${mechanism}=[name=${name},password=${password}]`,
    ]),
  );
}

/** Whether a secured broker on this port lists a broker to `ADMIN`. */
export async function isSecuredKafkaReady(
  { ca, kafkaUsers }: StackSecurity,
  port: number,
): Promise<boolean> {
  const security = kafkaSecurity({
    ...{ KAFKA_SSL: true, KAFKA_CA_FILE: ca, KAFKA_SASL_MECHANISM: 'scram-sha-512' },
    ...{ KAFKA_USERNAME: ADMIN, KAFKA_PASSWORD: kafkaUsers[ADMIN] },
  });
  const view = await clusterView(`${HOST}:${port}`, [], security).catch(() => undefined);
  return view !== undefined && view.brokers.size > 0;
}
