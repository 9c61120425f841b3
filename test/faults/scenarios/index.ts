import type { Scenario } from '../stage.js';
import { blockedLoop } from './blocked-loop.js';
import { cancel } from './cancel.js';
import { clockSkew } from './clock-skew.js';
import { conversations } from './conversations.js';
import { embedded } from './embedded.js';
import { fairness } from './fairness.js';
import { frozenWorker } from './frozen-worker.js';
import { idempotency } from './idempotency.js';
import { killApi } from './kill-api.js';
import { killInline } from './kill-inline.js';
import { killWorker } from './kill-worker.js';
import { killedMigration } from './killed-migration.js';
import { migrations } from './migrations.js';
import { poison } from './poison.js';
import { postgresCrashes } from './postgres-crashes.js';
import { postgresHangs } from './postgres-hangs.js';
import { postgresOutage } from './postgres-outage.js';
import { postgresStarved } from './postgres-starved.js';
import { readers } from './readers.js';
import { redis } from './redis.js';
import { rollingRestart } from './rolling-restart.js';
import { streams } from './streams.js';

export const SCENARIOS: readonly Scenario[] = [
  killApi,
  killInline,
  killWorker,
  frozenWorker,
  streams,
  idempotency,
  poison,
  rollingRestart,
  postgresCrashes,
  postgresHangs,
  postgresOutage,
  postgresStarved,
  redis,
  cancel,
  conversations,
  fairness,
  readers,
  blockedLoop,
  clockSkew,
  migrations,
  killedMigration,
  embedded,
];
