import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { clientAddress, networkOf } from './clientAddress.ts';

describe('where a request comes from', () => {
  test.each([
    ['no proxy: the header is not looked at', 0, '10.0.0.1', '6.6.6.6', '10.0.0.1'],
    ['one proxy: what it has seen', 1, '10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['one proxy: what the sender wrote is ignored', 1, '10.0.0.1', '6.6.6.6, 203.0.113.9', '203.0.113.9'],
    [
      'two proxies: what the outer one has seen',
      2,
      '10.0.0.1',
      '6.6.6.6, 203.0.113.9, 10.0.0.2',
      '203.0.113.9',
    ],
    ['two proxies, of which one was left out', 2, '10.0.0.1', '203.0.113.9', '203.0.113.9'],
    ['a proxy that wrote nothing', 1, '10.0.0.1', undefined, '10.0.0.1'],
    ['a proxy that wrote no address', 1, '10.0.0.1', '6.6.6.6, unknown', '10.0.0.1'],
    ['an entry with a port', 1, '10.0.0.1', '203.0.113.9:51234', '203.0.113.9'],
    ['an IPv6 entry in brackets, with a port', 1, '10.0.0.1', '[2001:DB8::1]:443', '2001:db8::1'],
    ['a quoted entry', 1, '10.0.0.1', '"203.0.113.9"', '203.0.113.9'],
    ['a listener for both protocols', 0, '::ffff:203.0.113.9', undefined, '203.0.113.9'],
    ['a link-local peer with its zone', 0, 'fe80::1%eth0', undefined, 'fe80::1'],
    ['a connection that is gone', 0, undefined, undefined, 'unknown'],
  ] as const)('%s', (_name, proxies, remoteAddress, forwardedFor, expected) => {
    expect(clientAddress({ remoteAddress, forwardedFor }, proxies)).toBe(expected);
  });

  test('nothing that a sender writes to the left of what a proxy has seen changes it', () => {
    fc.assert(
      fc.property(fc.array(fc.string(), { maxLength: 5 }), fc.ipV4(), (written, seen) => {
        const forwardedFor = [...written, seen].join(', ');
        expect(clientAddress({ remoteAddress: '10.0.0.1', forwardedFor }, 1)).toBe(seen);
      }),
    );
  });
});

describe('what counts as one sender', () => {
  test.each([
    ['203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
    ['2001:db8:1:2::', '2001:db8:1:2::/64'],
    ['2001:0db8:0001:0002:ffff::1', '2001:db8:1:2::/64'],
    ['2001:db8::1', '2001:db8:0:0::/64'],
    ['::1', '0:0:0:0::/64'],
    ['64:ff9b::192.0.2.33', '64:ff9b:0:0::/64'],
    ['unknown', 'unknown'],
  ])('%s is of %s', (address, network) => {
    expect(networkOf(address)).toBe(network);
  });

  test('all addresses of a /64 are one, those of another are not', () => {
    const group = fc.integer({ min: 0, max: 0xffff }).map((n) => n.toString(16));
    const groups = (n: number) => fc.array(group, { minLength: n, maxLength: n });
    fc.assert(
      fc.property(groups(4), groups(4), groups(4), group, (site, one, two, other) => {
        const address = (host: string[]) => networkOf([...site, ...host].join(':'));
        expect(address(one)).toBe(address(two));
        fc.pre(other !== site[3]);
        expect(networkOf([...site.slice(0, 3), other, ...one].join(':'))).not.toBe(address(one));
      }),
    );
  });
});
