import { describeSettings, loadSettings } from '@guildhall/core';
import type { Command } from '../command.js';
import { readOptions } from '../options.js';
import { compareKey, sayKey } from './compare-key.js';

export const configPrintCommand: Command = {
  name: 'config print',
  summary:
    'Show every setting with its value and where it comes from, secrets redacted, and which encryption key it is',
  usage: 'guildhall config print [--json]',
  async run(args) {
    const { json = false } = readOptions(args, { json: { type: 'boolean' } });
    const loaded = loadSettings();
    const settings = describeSettings(loaded);
    const encryptionKey = await compareKey(loaded.settings);
    if (json) {
      console.log(JSON.stringify({ settings, encryptionKey, warnings: loaded.warnings }, null, 2));
      return 0;
    }
    const width = Math.max(...settings.map(({ name }) => name.length));
    for (const { name, value, source } of settings) {
      console.log(`${name.padEnd(width)}  ${show(value)}  (${source})`);
    }
    console.log(sayKey(encryptionKey));
    for (const warning of loaded.warnings) console.error(`warning: ${warning}`);
    return 0;
  },
};

function show(value: unknown): string {
  if (value === null) return '-';
  return Array.isArray(value) ? value.join(',') || '-' : String(value);
}
