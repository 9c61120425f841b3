import type { Scenario } from '../stage.js';
import { idempotency } from './idempotency.js';
import { killApi } from './kill-api.js';
import { killWorker } from './kill-worker.js';
import { poison } from './poison.js';
import { streams } from './streams.js';

export const SCENARIOS: readonly Scenario[] = [killApi, killWorker, streams, idempotency, poison];
