import { parentPort } from 'node:worker_threads';
import { type Question, type Verdict, judge } from './judge.js';

/** What the thread says: once that it is there, then a verdict for every question. */
export type Said = 'ready' | Verdict;

const say = (said: Said) => parentPort!.postMessage(said, []);

parentPort!.on('message', (question: Question) => say(judge(question)));
say('ready');
