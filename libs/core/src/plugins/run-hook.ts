import type { Logger } from '@guildhall/sdk';

/** A hook that threw, or took longer than it may; the message names plugin and hook. */
class PluginHookError extends Error {
  constructor(
    readonly pluginId: string,
    readonly hook: string,
    what: string,
    cause?: unknown,
  ) {
    super(`Plugin '${pluginId}': ${hook}() ${what}`, { cause });
    this.name = 'PluginHookError';
  }
}

export interface HookRun {
  readonly pluginId: string;
  readonly hook: string;
  readonly timeoutMs: number;
  readonly logger: Logger;
}

/** Runs one hook under its time limit. Nothing waits for a hook that hangs; if it fails later, the log says so. */
export async function runHook({ pluginId, hook, timeoutMs, logger }: HookRun, work: () => unknown): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    const late = () => reject(new PluginHookError(pluginId, hook, `did not finish within ${timeoutMs} ms`));
    timer = setTimeout(late, timeoutMs);
  });
  const running = Promise.resolve().then(work);
  try {
    await Promise.race([running, limit]);
  } catch (error) {
    if (!(error instanceof PluginHookError)) {
      const message = error instanceof Error ? error.message : String(error);
      throw new PluginHookError(pluginId, hook, `failed: ${message}`, error);
    }
    running.catch((late: unknown) => logger.error({ err: late, plugin: pluginId, hook }, 'Plugin hook failed late'));
    throw error;
  } finally {
    clearTimeout(timer);
  }
}
