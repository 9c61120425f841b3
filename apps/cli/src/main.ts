#!/usr/bin/env node
import { requireNode } from '../../shared/src/require-node.js';

requireNode();
// Only now: an old Node would fail on the imports themselves, with words nobody understands.
const { runCli } = await import('./cli.js');
const exitCode = await runCli(process.argv.slice(2));
if (exitCode !== undefined) process.exit(exitCode);
