import { loadSettings, migrate, openDataSource, preparePlugins } from '@guildhall/core';
import { FIRST_PARTY } from '../../../shared/src/first-party.js';
import type { Command } from '../command.js';
import { readOptions } from '../options.js';

export const migrateCommand: Command = {
  name: 'migrate',
  summary: 'Bring the database schema up to this release, plugins included',
  usage: 'guildhall migrate',
  async run(args) {
    readOptions(args, {});
    const loaded = loadSettings();
    const { migrations } = await preparePlugins({ loaded, role: 'cli', firstParty: FIRST_PARTY });
    const source = await openDataSource(loaded.settings, { migrations });
    try {
      const applied = await migrate(source);
      for (const name of applied) console.log(`applied ${name}`);
      console.log(applied.length === 0 ? 'The schema is up to date' : `${applied.length} migrations applied`);
    } finally {
      await source.destroy();
    }
    return 0;
  },
};
