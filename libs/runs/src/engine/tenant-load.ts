/** A tenant may hold four times as many places as are free: alone four fifths of all, two of them four ninths each. */
const SHARE_OF_FREE = 4;

/**
 * How many runs of each tenant this process works on. However many tenants crowd it, a few places stay free for the
 * next one: a run of theirs may hold its place for minutes.
 */
export class TenantLoad {
  private readonly counts = new Map<string, number>();

  enter(tenantId: string): void {
    this.counts.set(tenantId, (this.counts.get(tenantId) ?? 0) + 1);
  }

  leave(tenantId: string): void {
    const count = this.counts.get(tenantId)! - 1;
    if (count > 0) this.counts.set(tenantId, count);
    else this.counts.delete(tenantId);
  }

  /** Whether the tenant may have one more, when so many are free. */
  hasRoom(tenantId: string, free: number): boolean {
    return (this.counts.get(tenantId) ?? 0) < SHARE_OF_FREE * free;
  }

  /** Tenants that have their share of the places, when so many are free. */
  crowding(free: number): string[] {
    const crowding: string[] = [];
    for (const [tenantId, count] of this.counts) if (count >= SHARE_OF_FREE * free) crowding.push(tenantId);
    return crowding;
  }
}
