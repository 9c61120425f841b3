import type { ToolSpec } from '@guildhall/sdk';

const MAX_LENGTH = 64;

/**
 * Tool names as vendors accept them (letters, digits, `_` and `-`), and back: `weather.current` travels as
 * `weather_current`. Names that would become the same are told apart by a number.
 */
export class ToolNames {
  private readonly wire = new Map<string, string>();
  private readonly ours = new Map<string, string>();

  constructor(tools: readonly Pick<ToolSpec, 'name'>[] = []) {
    for (const { name } of tools) this.toWire(name);
  }

  toWire(name: string): string {
    const known = this.wire.get(name);
    if (known) return known;
    const plain = name.replace(/[^A-Za-z0-9_-]/g, '_').slice(0, MAX_LENGTH) || '_';
    let wire = plain;
    for (let count = 2; this.ours.has(wire); count++) {
      const suffix = `_${count}`;
      wire = plain.slice(0, MAX_LENGTH - suffix.length) + suffix;
    }
    this.wire.set(name, wire);
    this.ours.set(wire, name);
    return wire;
  }

  /** A name the model made up stays as it is: the caller reports it as unknown. */
  fromWire(wire: string): string {
    return this.ours.get(wire) ?? wire;
  }
}
