import { ThreadsAndRuns1763700100000 } from './0001-threads-and-runs.js';
import { RetriedRuns1763800300000 } from './0002-retried-runs.js';

export const RUN_MIGRATIONS = [ThreadsAndRuns1763700100000, RetriedRuns1763800300000];
