import { describeClient, describeTokens } from './client-behaviours';
import { CHROMIUM } from './engines/chromium';

const executable = CHROMIUM.find() ?? '';

describe('the browser client', () => describeClient(CHROMIUM, executable));
describe('the browser client with tokens', () => describeTokens(CHROMIUM, executable));
