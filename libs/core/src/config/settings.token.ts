/** Injects the `LoadedSettings`: settings with the source of each. */
export const SETTINGS_LOADED = Symbol.for('guildhall.settings-loaded');
