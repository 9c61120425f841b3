import { loadSettings } from '@guildhall/core';
import { UsageError } from '../../../shared/src/start-options.js';
import { Server } from './server.js';

/** Options of every command that speaks with a running server. */
export const SERVER_OPTIONS = { url: { type: 'string' }, key: { type: 'string' } } as const;

export const SERVER_HELP = `  --url     Where the server is. Default: this machine, at PORT of the settings
  --key     An API key. Default: GUILDHALL_API_KEY, then, for this machine, BOOTSTRAP_API_KEY of the settings`;

const LOOPBACK = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

/** The server that the options name. The administrator's key of this machine's settings is for this machine alone. */
export function serverOf({ url, key }: { readonly url?: string; readonly key?: string }): Server {
  if (url !== undefined && !/^https?:$/.test(URL.parse(url)?.protocol ?? '')) {
    throw new UsageError(`--url takes an address, e.g. http://127.0.0.1:8000; found '${url}'`);
  }
  const own = key ?? process.env['GUILDHALL_API_KEY'];
  if (url !== undefined && (own !== undefined || !LOOPBACK.test(new URL(url).hostname))) return new Server(url, own);
  const { settings } = loadSettings();
  return new Server(url ?? `http://127.0.0.1:${settings.PORT}`, own ?? settings.BOOTSTRAP_API_KEY);
}
