import type { RequestContext, ToolEffect, ToolExecutor, ToolSpec } from '@guildhall/sdk';

/** The tools of one attempt: described once, because every call needs to know its tool's effect. */
export class ToolEffects {
  private readonly known = new Map<string, ToolSpec>();

  constructor(
    private readonly tools: ToolExecutor,
    private readonly request: RequestContext,
  ) {}

  async describe(names: readonly string[]): Promise<ToolSpec[]> {
    const missing = names.filter((name) => !this.known.has(name));
    if (missing.length > 0) {
      for (const spec of await this.tools.describe(this.request, missing)) this.known.set(spec.name, spec);
    }
    return names.map((name) => this.known.get(name)!);
  }

  /** A model may ask for a tool that does not exist; the executor then says so, and nothing happens in the world. */
  async of(name: string): Promise<ToolEffect> {
    const known = this.known.get(name);
    if (known) return known.effect;
    const [spec] = await this.tools.describe(this.request, [name]).catch(() => []);
    return spec?.effect ?? 'read';
  }
}
