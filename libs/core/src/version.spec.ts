import { readFileSync } from 'node:fs';
import { SDK_VERSION } from '@guildhall/sdk';
import { VERSION } from './version.js';

const versionOf = (manifest: string) => (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version;

it('says of itself the versions that the packages carry', () => {
  expect(VERSION).toBe(versionOf('package.json'));
  expect(SDK_VERSION).toBe(versionOf('libs/sdk/package.json'));
});
