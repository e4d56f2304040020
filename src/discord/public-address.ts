/** Tells addresses of the open Internet from those of this machine, its network and everything reserved. */
import { BlockList, isIP } from 'node:net';

/** IANA's special-purpose registry, as far as it is not reachable by everybody. */
const closedV4 = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 4],
  ['240.0.0.0', 4],
] as const) {
  closedV4.addSubnet(network, prefix, 'ipv4');
}

/** Everything that is given out to the open Internet lies in here. */
const openV6 = new BlockList();
openV6.addSubnet('2000::', 3, 'ipv6');

/** But for documentation, and for tunnels that carry an IPv4 address inside. */
const closedV6 = new BlockList();
closedV6.addSubnet('2001::', 32, 'ipv6');
closedV6.addSubnet('2001:db8::', 32, 'ipv6');
closedV6.addSubnet('2002::', 16, 'ipv6');
closedV6.addSubnet('3fff::', 20, 'ipv6');

/** True when `address`, an IPv4 or IPv6 address, belongs to the open Internet. */
export function isPublicAddress(address: string): boolean {
  const family = isIP(address);
  if (family === 4) return !closedV4.check(address, 'ipv4');
  if (family === 6) return openV6.check(address, 'ipv6') && !closedV6.check(address, 'ipv6');
  return false;
}
