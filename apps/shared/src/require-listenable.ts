import { once } from 'node:events';
import { createServer } from 'node:net';
import { SettingsError } from '@guildhall/core';
import { UnavailableError } from '@guildhall/sdk';

export interface ListeningPlace {
  readonly host: string;
  readonly port: number;
  /** The setting that names the port. */
  readonly portSetting: 'PORT' | 'WORKER_PORT';
}

const HOST_FAULTS: Readonly<Record<string, string>> = {
  EADDRNOTAVAIL: 'is no address of this machine',
  ENOTFOUND: 'is neither an address nor a name that can be found',
  EAI_AGAIN: 'is neither an address nor a name that can be found now',
  EINVAL: 'is no address that can be listened on',
};

/** Tries to listen and stops at once. To be called before the boot: after it, the migrations would have run. */
export async function requireListenable(place: ListeningPlace): Promise<void> {
  const server = createServer().listen({ host: place.host, port: place.port });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw explainListenFailure(error, place);
  }
  server.close();
  await once(server, 'close');
}

/** In words where the place is at fault; what else went wrong is left as it is. */
export function explainListenFailure(error: unknown, { host, port, portSetting }: ListeningPlace): unknown {
  const { code = '' } = error as NodeJS.ErrnoException;
  if (code === 'EADDRINUSE') {
    const message = `${host}:${port} is in use; stop what listens there or set another ${portSetting}`;
    const details = [{ path: portSetting, code: 'port_in_use', message }];
    return new UnavailableError('port_in_use', message, { cause: error, details });
  }
  if (code === 'EACCES') {
    const message = `this process may not listen on ${port}; set one from 1024 up`;
    return new SettingsError([{ path: portSetting, code: 'port_refused', message }]);
  }
  const fault = HOST_FAULTS[code];
  if (fault === undefined) return error;
  const message = `'${host}' ${fault}; 127.0.0.1 serves this machine alone, 0.0.0.0 everyone`;
  return new SettingsError([{ path: 'HOST', code: 'host_refused', message }]);
}
