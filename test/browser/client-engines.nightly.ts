// The browser client in two more engines. They are large, so `npm test` leaves this out and
// .ci/nightly runs it: npx jest --testMatch '<rootDir>/test/**/client-engines.nightly.ts'

import { describeClient, describeTokens } from './client-behaviours';
import { FIREFOX } from './engines/firefox';
import { WEBKIT } from './engines/webkit';

describe.each([FIREFOX, WEBKIT])('the browser client in $name', (kind) => {
  const executable = kind.find();
  if (executable === undefined) {
    process.stdout.write(`${kind.name} is skipped: \`apt-get install ${kind.debian}\`\n`);
    it.skip('is not installed', () => {});
    return;
  }
  describe('without tokens', () => describeClient(kind, executable));
  describe('with tokens', () => describeTokens(kind, executable));
});
