import { tmpdir } from 'node:os';
import { folderFault } from '../config/require-folder.js';
import type { Settings } from '../config/settings.js';
import { SettingsError } from '../config/settings-error.js';
import { embeddedLocation } from '../database/embedded/embedded-location.js';

/** Throws one error for all folders that this process will write to and cannot. */
export function requireFolders({ embedded, DATABASE_URL, DATA_DIR, UPLOAD_DIR, ENCRYPTION_KEY }: Settings): void {
  const faults = [folderFault('UPLOAD_DIR', UPLOAD_DIR ?? tmpdir())];
  const place = embedded ? embeddedLocation(DATABASE_URL, DATA_DIR) : undefined;
  if (place?.kind === 'directory') {
    faults.push(folderFault(DATABASE_URL === undefined ? 'DATA_DIR' : 'DATABASE_URL', place.path));
  }
  // Without a key of the operator's, one is kept there.
  else if (ENCRYPTION_KEY === undefined) faults.push(folderFault('DATA_DIR', DATA_DIR));
  const found = faults.filter((fault) => fault !== undefined);
  if (found.length > 0) throw new SettingsError(found);
}
