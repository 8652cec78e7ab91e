import { readFileSync } from 'node:fs';
import type { Mechanism } from 'kafkajs';

import plain = require('kafkajs/src/broker/saslAuthenticator/plain');
import scram256 = require('kafkajs/src/broker/saslAuthenticator/scram256');
import scram512 = require('kafkajs/src/broker/saslAuthenticator/scram512');

import type { KafkaSettings } from '../../../runtime/settings/kafka';
import { readTlsFiles, type TlsFiles } from '../../../runtime/settings/tls-files';
import { bearerLogin } from './bearer-login';

/** How a connection to a broker is protected, and how it logs in; neither if both are absent. */
export interface KafkaSecurity {
  readonly tls?: TlsFiles | undefined;
  readonly login?: Mechanism | undefined;
}

type SecuritySettings = Omit<KafkaSettings, 'KAFKA_BROKERS' | 'KAFKA_REPLICAS'>;

/** Reads the files of the settings; they are right, because the settings were checked. */
export function kafkaSecurity(settings: SecuritySettings): KafkaSecurity {
  return { tls: readTlsFiles('KAFKA', settings), login: loginOf(settings) };
}

function loginOf(settings: SecuritySettings): Mechanism | undefined {
  const { KAFKA_SASL_MECHANISM: mechanism, KAFKA_TOKEN_FILE: tokenFile = '' } = settings;
  if (mechanism === undefined) return undefined;
  const user = {
    username: settings.KAFKA_USERNAME ?? '',
    password: settings.KAFKA_PASSWORD ?? '',
  };
  const providers = {
    plain: () => plain(user),
    'scram-sha-256': () => scram256(user),
    'scram-sha-512': () => scram512(user),
    // Read at each login, because another program renews it.
    oauthbearer: () => bearerLogin(() => readFileSync(tokenFile, 'utf8').trim()),
  };
  return { mechanism, authenticationProvider: providers[mechanism]() };
}
