import type { ErrorDetail, PluginDescriptor } from '@guildhall/sdk';

/** Reads one setting by its name, `NAME_FILE` and the environment's file included. */
export type ReadSetting = (name: string) => string | undefined;

export type PluginConfigResult =
  | { readonly ok: true; readonly config: Record<string, unknown> }
  | { readonly ok: false; readonly faults: readonly ErrorDetail[] };

/** `units` of plugin `weather` → `WEATHER_UNITS`; `apiKey` → `WEATHER_API_KEY`. @internal for specs */
export function settingName(pluginId: string, key: string): string {
  const words = key.replace(/([a-z0-9])([A-Z])/g, '$1_$2');
  return `${pluginId}_${words}`.replaceAll('-', '_').toUpperCase();
}

/** The plugin's slice of the settings, parsed by its own schema. Faults name the variable to set. */
export function readPluginConfig({ id, config }: PluginDescriptor, read: ReadSetting): PluginConfigResult {
  if (config === undefined) return { ok: true, config: {} };
  const raw: Record<string, string> = {};
  for (const key of Object.keys(config.shape)) {
    const value = read(settingName(id, key));
    if (value !== undefined) raw[key] = value;
  }
  const parsed = config.safeParse(raw);
  if (parsed.success) return { ok: true, config: parsed.data };
  const faults = parsed.error.issues.map(({ path: [first = ''], message }) => {
    const key = String(first);
    const missing = key in config.shape && raw[key] === undefined;
    return {
      path: settingName(id, key),
      code: missing ? 'missing_plugin_setting' : 'invalid_plugin_setting',
      message: missing ? `is not set, and plugin '${id}' needs it` : `Plugin '${id}': ${message}`,
    };
  });
  return { ok: false, faults };
}
