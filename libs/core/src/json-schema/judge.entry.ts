import { parentPort } from 'node:worker_threads';
import { type Question, judge } from './judge.js';

/** The other side of `JudgeThread`: one question, one verdict. */
parentPort!.on('message', (question: Question) => parentPort!.postMessage(judge(question), []));
parentPort!.postMessage('ready', []);
