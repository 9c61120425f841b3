import { ThreadsAndRuns1763700100000 } from './0001-threads-and-runs.js';
import { RetriedRuns1763800300000 } from './0002-retried-runs.js';
import { ReasoningTokens1763800100001 } from './0003-reasoning-tokens.js';
import { SuspectedRuns1763800310000 } from './0004-suspected-runs.js';
import { CancelledAtRest1763800320000 } from './0005-cancelled-at-rest.js';
import { OneRunPerRequest1763800330000 } from './0006-one-run-per-request.js';
import { AnswerersOfInterrupts1763800350000 } from './0008-answerers-of-interrupts.js';
import { RequestsOfActors1763800340000 } from './0007-requests-of-actors.js';
import { UsersOfRuns1763800360000 } from './0009-users-of-runs.js';

export const RUN_MIGRATIONS = [
  ThreadsAndRuns1763700100000,
  RetriedRuns1763800300000,
  ReasoningTokens1763800100001,
  SuspectedRuns1763800310000,
  CancelledAtRest1763800320000,
  OneRunPerRequest1763800330000,
  RequestsOfActors1763800340000,
  AnswerersOfInterrupts1763800350000,
  UsersOfRuns1763800360000,
];
