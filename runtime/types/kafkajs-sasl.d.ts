declare module 'kafkajs/src/broker/saslAuthenticator/plain' {
  import type { Mechanism } from 'kafkajs';

  /** Logs in with a name and a password; kafkajs 2.2.4. */
  function provider(user: {
    readonly username: string;
    readonly password: string;
  }): Mechanism['authenticationProvider'];
  export = provider;
}

declare module 'kafkajs/src/broker/saslAuthenticator/scram256' {
  import provider = require('kafkajs/src/broker/saslAuthenticator/plain');
  export = provider;
}

declare module 'kafkajs/src/broker/saslAuthenticator/scram512' {
  import provider = require('kafkajs/src/broker/saslAuthenticator/plain');
  export = provider;
}
