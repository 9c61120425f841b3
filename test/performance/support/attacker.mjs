// One attack, in a thread of its own: whoever measures must not wait for the bytes that the attacker makes.
import { workerData } from 'node:worker_threads';
import { ATTACKS } from '../../slow/attack/attacks.ts';

const { name, tenant, ms } = workerData;
await ATTACKS[name](tenant, AbortSignal.timeout(ms));
// Ends the thread, which connections that are kept alive would not.
process.exit();
