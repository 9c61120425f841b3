import { ANTHROPIC_WIRE, FakeModel, GOOGLE_WIRE, OPENAI_WIRE, type WireFormat, freePort } from '@guildhall/testing';
import type { House } from './house.js';
import type { VendorFault } from './vendor-faults.js';

export const RIGHT = 'Right.';

/** Short, for faults that only time ends; long enough for a healthy vendor on a busy machine. */
const TIMEOUTS = { firstTokenMs: 1500, betweenTokensMs: 1000, totalMs: 2500 };
/** For a fault that keeps the machine busy, and so the healthy vendor waiting, but needs no time limit to end. */
const LONG_TIMEOUTS = { firstTokenMs: 15_000, betweenTokensMs: 15_000, totalMs: 20_000 };

const KINDS: readonly (readonly [kind: string, wire: WireFormat])[] = [
  ['openai-compatible', OPENAI_WIRE],
  ['anthropic', ANTHROPIC_WIRE],
  ['google', GOOGLE_WIRE],
  ['openai-compatible', OPENAI_WIRE],
];

/** One request as a vendor got it. */
export interface Asked {
  readonly provider: string;
  readonly body: string;
}

interface Vendor {
  readonly id: string;
  readonly kind: string;
  readonly wire: WireFormat;
  readonly server: FakeModel;
}

/** Four vendors of one tenant, speaking three languages, of whom some fail. */
export class Vendors {
  /** In the order they came. */
  asked: Asked[] = [];
  /** Those at whom requests cannot arrive. */
  unreachable: ReadonlySet<string> = new Set();
  private stored: string[] = [];

  private constructor(
    private readonly house: House,
    private readonly vendors: readonly Vendor[],
    private readonly closedPort: number,
  ) {}

  static async start(house: House): Promise<Vendors> {
    const vendors = await Promise.all(
      KINDS.map(async ([kind, wire], index) => {
        return { id: `v${index + 1}-${kind}`, kind, wire, server: await FakeModel.start(wire) };
      }),
    );
    return new Vendors(house, vendors, await freePort());
  }

  /** Stores them anew, so that nothing is known of them. Those that fail are asked first, then the others in turn. */
  async become(fault: VendorFault, failing: number, turn: number): Promise<ReadonlySet<string>> {
    for (const id of this.stored) await this.house.call('DELETE', `/api/v1/providers/${id}`);
    const order = this.vendors.map((_, index) => this.vendors[(index + turn) % this.vendors.length]!);
    const ill = new Set(order.slice(0, failing).map(({ id }) => id));
    this.asked = [];
    this.unreachable = fault.address ? ill : new Set();
    for (const [index, vendor] of order.entries()) await this.store(vendor, index + 1, ill.has(vendor.id), fault);
    this.stored = order.map(({ id }) => id);
    return ill;
  }

  async stop(): Promise<void> {
    await Promise.all(this.vendors.map(({ server }) => server.stop()));
  }

  private async store({ id, kind, wire, server }: Vendor, priority: number, isIll: boolean, fault: VendorFault) {
    server.reset();
    server.otherwise((request) => {
      this.asked.push({ provider: id, body: JSON.stringify(request.body) });
      return isIll ? (fault.reply?.(wire, request) ?? { drop: true }) : { text: RIGHT };
    });
    const baseUrl = isIll && fault.address ? fault.address(server.baseUrl, this.closedPort) : server.baseUrl;
    await this.house.call('POST', '/api/v1/providers', {
      id,
      kind,
      baseUrl,
      apiKey: `key-of-${id}-0123456789`,
      priority,
      models: [{ name: 'chaos-1' }],
      timeouts: fault.endsBySize ? LONG_TIMEOUTS : TIMEOUTS,
    });
  }
}
