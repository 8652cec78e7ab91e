import { ADMIN } from '../../compose/native/stack-security';
import { describeServers } from '../contract/servers.contract';
import { SecuredStack } from './secured-stack';

const secured = new SecuredStack();

describeServers({
  async start() {
    await Promise.all([secured.stack.start('kafka'), secured.stack.start('cassandra')]);
    await secured.grant();
  },
  end: () => secured.end(),
  get settings() {
    return { ...secured.kafka(), ...secured.cassandra() };
  },
  get operator() {
    return secured.kafka(ADMIN);
  },
});
