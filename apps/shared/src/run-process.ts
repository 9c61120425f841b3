import { type LoadedSettings, loadSettings } from '@guildhall/core';
import { explainFailure } from './explain-failure.js';
import type { RunningApp } from './running-app.js';

/** Room for the last steps: the pool, the log. */
const MARGIN_MS = 2000;
const SIGNALS = { SIGINT: 130, SIGTERM: 143 } as const;

/** The life of a process: settings, application, signals, exit code. `given` wins over the environment. */
export async function runProcess(
  start: (loaded: LoadedSettings) => Promise<RunningApp>,
  given: Readonly<Record<string, string>> = {},
): Promise<void> {
  try {
    const loaded = loadSettings({ given });
    // Signals count from here on: one that comes during the boot ends the process as soon as it has booted.
    const ended = new Promise<void>((resolve) => onSignal(resolve));
    const running = await start(loaded);
    announce(running, loaded);
    watchFaults(running);
    await ended;
    await stopWithin(running, loaded.settings.SHUTDOWN_GRACE_MS + MARGIN_MS);
    process.exit(0);
  } catch (error) {
    const { text, exitCode } = explainFailure(error);
    process.stderr.write(`${text}\n`);
    process.exit(exitCode);
  }
}

/** The first signal asks to end, the second one ends at once. */
function onSignal(ask: () => void): void {
  let asked = false;
  for (const [signal, exitCode] of Object.entries(SIGNALS)) {
    process.on(signal, () => {
      if (asked) process.exit(exitCode);
      asked = true;
      ask();
    });
  }
}

function announce({ logger, url }: RunningApp, { settings, environment, warnings }: LoadedSettings): void {
  for (const warning of warnings) logger.warn({}, warning);
  const startupMs = Math.round(performance.now());
  const docs = settings.DOCS_ENABLED ? { docs: `${url}/docs` } : {};
  const files = environment.files.map(({ name }) => name);
  const from = files.length > 0 ? { settingsFrom: files } : {};
  logger.info({ url, ...docs, environment: settings.NODE_ENV, ...from, startupMs }, `Guildhall is ready at ${url}`);
}

function watchFaults(running: RunningApp): void {
  const { logger } = running;
  // A promise that a plugin forgot must not take everybody's runs with it: its words are in the log, nothing is undone.
  process.on('unhandledRejection', (error) => logger.error({ err: error }, 'Unhandled rejection'));
  process.on('uncaughtException', (error) => {
    logger.error({ err: error }, 'Uncaught exception: the process ends');
    void endInFailure(running);
  });
}

async function endInFailure({ stop }: RunningApp): Promise<void> {
  setTimeout(() => process.exit(1), MARGIN_MS);
  await stop();
  process.exit(1);
}

async function stopWithin({ logger, stop }: RunningApp, limitMs: number): Promise<void> {
  const timer = setTimeout(() => {
    logger.error({ limitMs }, 'Shutdown took too long: the process ends');
    process.exit(1);
  }, limitMs);
  await stop();
  clearTimeout(timer);
}
