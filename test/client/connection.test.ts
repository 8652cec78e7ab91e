import { createConnection } from '../../client/connection';
import { createTokens } from '../../client/tokens';
import { deferred, settled } from '../fixtures/deferred';

const types = ['likes'];
const both = { types, channels: { 'video:1': '', 'video:2': '' } };
const second = { types, channels: { 'video:2': '' } };

function connecting() {
  const sent: string[] = [];
  const first = deferred<{ isOk: boolean; status: number }>();
  const send = async (method: string, path: string) => {
    sent.push(`${method} ${path}`);
    return sent.length === 1 ? first.promise : { isOk: true, status: 204 };
  };
  const server = { addresses: [''], tokens: createTokens(undefined) };
  const over = new AbortController();
  const reopen = jest.fn();
  const connection = createConnection('/s/', both, undefined, server, send, over.signal, reopen);
  return { connection, first, sent };
}

describe('an open stream', () => {
  it('joins a channel again only when its leave is over, however late', async () => {
    const { connection, first, sent } = connecting();
    connection.change(second);
    await settled();
    connection.change(both);
    await settled();
    expect(sent).toEqual(['DELETE /s/channels/video:1']);
    first.resolve({ isOk: true, status: 204 });
    await settled();
    expect(sent).toEqual(['DELETE /s/channels/video:1', 'PUT /s/channels/video:1']);
  });

  it('leaves a channel for good that is closed while it is joined anew', async () => {
    const { connection, first, sent } = connecting();
    connection.rejoin('video:1');
    await settled();
    connection.change(second);
    first.resolve({ isOk: true, status: 204 });
    await settled();
    expect(sent.at(-1)).toBe('DELETE /s/channels/video:1');
  });
});
