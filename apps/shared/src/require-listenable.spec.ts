import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { explainFailure } from './explain-failure.js';
import { explainListenFailure, requireListenable } from './require-listenable.js';

const place = (host: string, port = 0) => ({ host, port, portSetting: 'PORT' }) as const;
const failure = (code: string) => Object.assign(new Error(code), { code });
const refusal = async (host: string, port?: number) =>
  requireListenable(place(host, port)).then(
    () => undefined,
    (error: unknown) => explainFailure(error),
  );

describe('the place to listen at', () => {
  it('is left free for the process that will listen there', async () => {
    expect(await refusal('127.0.0.1')).toBeUndefined();
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    expect(await refusal('127.0.0.1', port)).toEqual({
      text: `Guildhall cannot start: 127.0.0.1:${port} is in use; stop what listens there or set another PORT`,
      exitCode: 1,
    });
    server.close();
    await once(server, 'close');
    expect(await refusal('127.0.0.1', port)).toBeUndefined();
    expect(await refusal('127.0.0.1', port)).toBeUndefined();
  });

  it('is refused in one line where the host is of another machine, or cannot be found', async () => {
    const elsewhere = (await refusal('192.0.2.1'))!;
    expect(elsewhere.exitCode).toBe(78);
    expect(elsewhere.text.split('\n')).toEqual([
      'Guildhall cannot start: One setting is wrong',
      expect.stringContaining("  HOST: '192.0.2.1' is no address of this machine"),
    ]);
    for (const code of ['ENOTFOUND', 'EAI_AGAIN', 'EINVAL']) {
      const { text, exitCode } = explainFailure(explainListenFailure(failure(code), place('nowhere')));
      expect([text, exitCode]).toEqual([expect.stringContaining("HOST: 'nowhere' is n"), 78]);
    }
  });

  it('names the port that only the system may have, and leaves other failures as they are', () => {
    const { text, exitCode } = explainFailure(explainListenFailure(failure('EACCES'), place('0.0.0.0', 80)));
    expect([text, exitCode]).toEqual([expect.stringContaining('PORT: this process may not listen on 80'), 78]);
    const other = failure('EMFILE');
    expect(explainListenFailure(other, place('0.0.0.0'))).toBe(other);
  });
});
