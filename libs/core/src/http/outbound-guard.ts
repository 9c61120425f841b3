import { AuthorizationError } from '@guildhall/sdk';
import type { OutboundRequest } from './outbound.client.js';
import { inRanges, isGlobalUnicast, isMetadataAddress, parseRange } from './outbound-address.js';

export type Trust = OutboundRequest['trust'];

const METADATA_NAMES =
  /^(?:metadata|instance-data|metadata\.goog|metadata\.google\.internal|metadata\.azure\.internal)$/;
/** Names that mean something only inside a network, and single words, which a search domain would complete. */
const INTERNAL_NAMES = /(?:^|\.)(?:localhost|local|localdomain|internal|intranet|lan|home|corp|svc|arpa|test|onion)$/;
const ADDRESS = /^(?:\d+\.\d+\.\d+\.\d+|\[.*\])$/;

export interface GuardOptions {
  /** Hosts and CIDRs that tenants' URLs may reach on any port. */
  readonly allow: readonly string[];
  /** Ports that tenants' URLs may reach elsewhere. */
  readonly ports: readonly number[];
}

/** Decides where a URL may lead: before a name is looked up, and again for the address that it turned out to be. */
export class OutboundGuard {
  private readonly hosts: ReadonlySet<string>;
  private readonly ranges: readonly NonNullable<ReturnType<typeof parseRange>>[];
  private readonly ports: ReadonlySet<number>;

  constructor({ allow, ports }: GuardOptions) {
    const ranges = allow.map(parseRange);
    this.ranges = ranges.filter((range) => range !== undefined);
    this.hosts = new Set(allow.filter((_, index) => ranges[index] === undefined).map(plainHost));
    this.ports = new Set(ports);
  }

  /** The URL, if it may be asked for at all. Throws `outbound_blocked`. */
  checkUrl(text: string, trust: Trust): URL {
    // What parsers disagree about is refused before one of them is asked.
    const url = /[\s\\\p{Cc}]/u.test(text) ? null : URL.parse(text);
    if (url === null) throw blocked('it is not a valid URL');
    if (url.protocol !== 'http:' && url.protocol !== 'https:') throw blocked('only http and https are');
    if (url.username !== '' || url.password !== '') throw blocked('a URL must not carry a user name or password');
    const host = plainHost(url.hostname);
    if (leadsToMetadata(url)) throw blocked();
    if (ADDRESS.test(host)) this.checkAddress(host, host, portOf(url), trust);
    else if (trust === 'tenant') this.checkName(host, portOf(url));
    return url;
  }

  /** Throws `outbound_blocked` unless `address`, which `host` was resolved to, may be connected to. */
  checkAddress(host: string, address: string, port: number, trust: Trust): void {
    if (isMetadataAddress(address)) throw blocked();
    if (trust === 'operator' || this.hosts.has(plainHost(host)) || inRanges(address, this.ranges)) return;
    if (!this.ports.has(port)) throw blocked(`port ${port} is not open to URLs of tenants`);
    if (!isGlobalUnicast(address)) throw blocked();
  }

  private checkName(host: string, port: number): void {
    if (this.hosts.has(host)) return;
    if (INTERNAL_NAMES.test(host) || !host.includes('.')) throw blocked();
    // With allowed networks, only its address can say whether another port is fine.
    if (!this.ports.has(port) && this.ranges.length === 0) {
      throw blocked(`port ${port} is not open to URLs of tenants`);
    }
  }
}

/** Whether nobody's URL may lead there, whatever is allowed; of a name, as far as that tells without being looked up. */
export function leadsToMetadata({ hostname }: URL): boolean {
  const host = plainHost(hostname);
  return METADATA_NAMES.test(host) || isMetadataAddress(host);
}

export function portOf(url: URL): number {
  return url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port);
}

/** Says no more than the rule: what stands behind a name is nobody's business. */
function blocked(why = 'only public Internet addresses are'): AuthorizationError {
  const message = `The address cannot be called: ${why}. The operator can open hosts and networks with OUTBOUND_ALLOW`;
  return new AuthorizationError(message, 'outbound_blocked');
}

/** As names are compared: lower case, without the dot that ends an absolute one. */
function plainHost(host: string): string {
  return host.toLowerCase().replace(/\.+$/, '');
}
