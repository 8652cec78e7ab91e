import { claimsOf, seconds } from '../../../tools/token/claims';

const SERVER = { JWT_MEMBER_CLAIM: 'sub' };

describe('a time on the command line', () => {
  it.each([
    ['90s', 90],
    ['10m', 600],
    ['1h', 3_600],
    ['7d', 604_800],
  ])('%s is %i seconds', (text, expected) => {
    expect(seconds(text)).toBe(expected);
  });

  it.each(['', '1', 'h', '0h', '-1h', '1.5h', '1w', '1h '])('cannot be %j', (text) => {
    expect(() => seconds(text)).toThrow('as in 1h');
  });
});

describe('the claims of a token', () => {
  it('are the member and the times', () => {
    expect(claimsOf({ sub: 'ann', for: 60 }, SERVER, 1_000)).toEqual({
      ...{ sub: 'ann', iat: 1_000, exp: 1_060 },
    });
  });

  it('have the rights that are given, and no others', () => {
    const options = { sub: 'ann', for: 60, watch: ['video:*'], publish: ['video:1'] };
    expect(claimsOf(options, SERVER, 0)).toMatchObject({
      likestream: { watch: ['video:*'], publish: ['video:1'] },
    });
  });

  it('are those that the server’s settings ask for', () => {
    const server = { JWT_MEMBER_CLAIM: 'id', JWT_ISSUER: ['a', 'b'], JWT_AUDIENCE: ['x'] };
    expect(claimsOf({ sub: 'ann', for: 1 }, server, 0)).toEqual({
      ...{ id: 'ann', iat: 0, exp: 1, iss: 'a', aud: 'x' },
    });
  });
});
