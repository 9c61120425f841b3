import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { keptEncryptionKey } from '@guildhall/core';
import { ConflictError, UnavailableError } from '@guildhall/sdk';
import type { Command } from '../command.js';
import { readOptions } from '../options.js';
import { startingSettings } from '../starting-settings.js';

const NEXT_STEPS = `
Next:
  1. Put the key of a model provider in, if you have one: the lines stand ready.
  2. Start the server:   npm start
  3. Take documents in:  npm run guildhall -- ingest <folder> --collection handbook --create
  4. Talk with an agent: npm run guildhall -- chat <agent>

The key of your API is BOOTSTRAP_API_KEY of the file; "guildhall" finds it there.
With Docker Compose: docker compose up --build.`;

export const initCommand: Command = {
  name: 'init',
  summary: 'Write a first .env with an API key and an encryption key of your own; overwrites nothing',
  usage: `guildhall init [--folder <path>]

  --folder  Where to write it. Default: the working directory`,
  async run(args) {
    const { folder = '.' } = readOptions(args, { folder: { type: 'string' } });
    const file = join(resolve(folder), '.env');
    const kept = await keptEncryptionKey(resolve(folder, process.env['DATA_DIR'] ?? '.data'));
    const text = startingSettings({
      apiKey: `gh_${randomBytes(24).toString('hex')}`,
      encryptionKey: kept ?? randomBytes(32).toString('base64'),
      databasePassword: randomBytes(24).toString('hex'),
    });
    await writeNew(file, text);
    console.log(`Wrote ${file}`);
    if (kept !== undefined) console.log('Its ENCRYPTION_KEY is the one that your data folder is sealed with.');
    console.log(NEXT_STEPS);
    return 0;
  },
};

async function writeNew(file: string, text: string): Promise<void> {
  try {
    await writeFile(file, text, { flag: 'wx', mode: 0o600 });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === undefined) throw error;
    if (code !== 'EEXIST') throw new UnavailableError('file_unwritable', `${file} cannot be written (${code})`);
    const message = `${file} is there already and stays as it is; move it away, or choose another --folder`;
    throw new ConflictError('file_exists', message);
  }
}
