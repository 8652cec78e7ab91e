import { createServer, type Server, type ServerResponse } from 'node:http';
import { fileKeys, urlKeys } from '../../../runtime/members/jwks-sources';
import { VirtualClock } from '../../simulation/virtual-clock';

let server: Server;
let answer: (response: ServerResponse) => void;
let url = '';
const failures: string[] = [];
const options = () => ({
  clock: new VirtualClock(),
  failed: (_: string, error: unknown) => failures.push(String(error)),
});

beforeAll(async () => {
  server = createServer((_, response) => answer(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}/keys`;
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  failures.length = 0;
});

describe('the keys at an address', () => {
  it.each<[string, (response: ServerResponse) => void, string]>([
    ['too large', (response) => response.end('x'.repeat(300_000)), 'more than 262144 bytes'],
    ['refused', (response) => response.writeHead(404).end(), 'status 404'],
    ['moved', (response) => response.writeHead(302, { location: '/' }).end(), 'status 302'],
    ['no set', (response) => response.end('<html>'), 'it is not a JWKS'],
  ])('are unavailable if the answer is %s', async (_, given, why) => {
    answer = given;
    await expect(urlKeys(url, options()).reread()).rejects.toMatchObject({
      ...{ code: 'keys_unavailable', retriable: true },
    });
    expect(failures).toEqual([expect.stringContaining(why)]);
    expect(failures[0]).toContain(url);
  });
});

describe('the keys of a file', () => {
  it.each([
    ['/no/such/file', 'JWT_JWKS_FILE: /no/such/file: cannot be read (ENOENT)'],
    [__dirname, `JWT_JWKS_FILE: ${__dirname}: cannot be read (EISDIR)`],
    [__filename, `JWT_JWKS_FILE: ${__filename}: it is not a JWKS`],
  ])('%s are refused at the start with one line', (path, line) => {
    expect(() => fileKeys(path, options())).toThrow(line);
  });
});
