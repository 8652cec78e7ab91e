import { clientAddress } from '../../../runtime/limits/client-address';

const PROXY = '10.0.0.9';

describe('clientAddress', () => {
  it.each([
    ['no header', undefined, 0, PROXY],
    ['a header that nobody is trusted to write', '1.1.1.1', 0, PROXY],
    ['the only entry', '1.1.1.1', 1, '1.1.1.1'],
    ['what the client has made up', '9.9.9.9, 1.1.1.1', 1, '1.1.1.1'],
    ['two proxies', '9.9.9.9,1.1.1.1 , 2.2.2.2', 2, '1.1.1.1'],
    ['too few entries', '1.1.1.1', 2, PROXY],
    ['an empty header', '', 1, PROXY],
    ['no header behind a proxy', undefined, 1, PROXY],
    ['no address', 'unknown', 1, PROXY],
    ['an empty entry', '1.1.1.1,', 1, PROXY],
    ['an entry that is too long', `1.1.1.1, ${'1'.repeat(1_000)}`, 1, PROXY],
    ['a number out of range', '1.1.1.256', 1, PROXY],
    ['a port', '1.1.1.1:4711', 1, '1.1.1.1'],
    ['IPv6 in brackets with a port', '[2001:db8:1:2:3::4]:80', 1, '2001:db8:1:2::/64'],
    ['IPv6', '2001:DB8:0001:2:ffff:ffff:ffff:ffff', 1, '2001:db8:1:2::/64'],
    ['IPv6 with a gap', '2001:db8::7', 1, '2001:db8:0:0::/64'],
    ['IPv6 with a gap at the end', '2001:db8:1:2::', 1, '2001:db8:1:2::/64'],
    ['loopback', '::1', 1, '0:0:0:0::/64'],
    ['a zone', 'fe80::1%eth0', 1, 'fe80:0:0:0::/64'],
    ['IPv4 in IPv6', '::ffff:1.2.3.4', 1, '1.2.3.4'],
    ['IPv4 in IPv6, hexadecimal', '::ffff:102:304', 1, '1.2.3.4'],
  ])('of %s', (_, header, hops, address) => {
    expect(clientAddress(PROXY, header, hops)).toBe(address);
  });

  it('of a socket that takes both kinds is the IPv4 address', () => {
    expect(clientAddress('::ffff:127.0.0.1', undefined, 0)).toBe('127.0.0.1');
  });

  it('of a closed socket is undefined', () => {
    expect(clientAddress(undefined, undefined, 0)).toBeUndefined();
  });
});
