import { randomFillSync } from 'node:crypto';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;
const PREFIX = 'job_';

/** A UUID of version 7, which sorts by time: pg-boss wants UUIDs, lists want order. */
export function newJobUuid(now: number = Date.now()): string {
  const bytes = randomFillSync(Buffer.allocUnsafe(16));
  bytes.writeUIntBE(now, 0, 6);
  bytes[6] = (bytes[6]! & 0x0f) | 0x70;
  bytes[8] = (bytes[8]! & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}

export function toJobId(uuid: string): string {
  return PREFIX + uuid;
}

/** Undefined for what is no job id. */
export function fromJobId(id: string): string | undefined {
  const uuid = id.slice(PREFIX.length);
  return id.startsWith(PREFIX) && UUID.test(uuid) ? uuid : undefined;
}
