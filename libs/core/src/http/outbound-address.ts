import ipaddr from 'ipaddr.js';

type Address = ipaddr.IPv4 | ipaddr.IPv6;
type Range = readonly [Address, number];

// Link-local carries the clouds' metadata services; the rest are theirs outside of it.
const METADATA = ranges(
  '169.254.0.0/16',
  '100.100.100.200/32',
  '168.63.129.16/32',
  '192.0.0.192/32',
  'fd00:ec2::/32',
  'fd20:ce::254/128',
);

/** All that is handed out as global unicast; the library's list alone would let unassigned space pass. */
const GLOBAL_V6 = ranges('2000::/3');

/** May a tenant's URL lead there? Only to addresses of the public Internet; what embeds an IPv4 address is refused. */
export function isGlobalUnicast(text: string): boolean {
  const address = parse(text);
  if (address === undefined) return false;
  if (address.kind() === 'ipv6' && !within(address, GLOBAL_V6)) return false;
  return address.range() === 'unicast';
}

/** A service that hands out a machine's credentials. Nobody's URL may lead there, in no disguise. */
export function isMetadataAddress(text: string): boolean {
  const address = parse(text);
  if (address === undefined) return false;
  return [address, ...embedded(address)].some((candidate) => within(candidate, METADATA));
}

export function inRanges(text: string, allowed: readonly Range[]): boolean {
  const address = parse(text);
  return address !== undefined && within(address, allowed);
}

/** `10.0.0.0/8`, or one address; undefined for anything else. */
export function parseRange(text: string): Range | undefined {
  if (ipaddr.isValidCIDR(text)) return ipaddr.parseCIDR(text);
  const address = parse(text);
  return address && [address, address.kind() === 'ipv4' ? 32 : 128];
}

function parse(text: string): Address | undefined {
  const bare = text.replace(/^\[|\]$/g, '');
  // Only the four-part form: the URL parser has already turned all others into it.
  if (ipaddr.IPv4.isValidFourPartDecimal(bare)) return ipaddr.IPv4.parse(bare);
  return ipaddr.IPv6.isValid(bare) ? ipaddr.IPv6.parse(bare) : undefined;
}

function within(address: Address, all: readonly Range[]): boolean {
  return all.some(([network, bits]) => network.kind() === address.kind() && address.match([network, bits] as never));
}

const ENDS_IN_V4 = ranges('::/96', '::ffff:0:0/96', '::ffff:0:0:0/96', '64:ff9b::/96', '64:ff9b:1::/48');
const SIX_TO_FOUR = ranges('2002::/16');
const TEREDO = ranges('2001::/32');

/** IPv4 addresses inside an IPv6 one: mapped, compatible, translated (NAT64), 6to4, Teredo. */
function embedded(address: Address): ipaddr.IPv4[] {
  if (address.kind() === 'ipv4') return [];
  const bytes = address.toByteArray();
  const v4 = (at: number, flip = 0) => new ipaddr.IPv4(bytes.slice(at, at + 4).map((byte) => byte ^ flip));
  if (within(address, ENDS_IN_V4)) return [v4(12)];
  if (within(address, SIX_TO_FOUR)) return [v4(2)];
  return within(address, TEREDO) ? [v4(4), v4(12, 0xff)] : [];
}

function ranges(...texts: string[]): Range[] {
  return texts.map((text) => ipaddr.parseCIDR(text));
}
