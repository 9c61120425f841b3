import { AppError } from '@guildhall/sdk';
import type { Server } from '../server/server.js';
import type { InputLines } from './input-lines.js';
import { CHOICES, type Interrupt, readDecision } from './read-decision.js';
import type { RunView } from './run-view.js';

/** Puts to a person what a resting run asks. False: nobody is there to answer, and the run goes on waiting. */
export async function answerInterrupts(
  server: Server,
  runId: string,
  view: RunView,
  lines: InputLines,
  signal: AbortSignal,
): Promise<boolean> {
  const { data: asked } = await server.call<readonly Interrupt[]>(`/interrupts?runId=${runId}&limit=100`);
  if (asked.length === 0) return !(await needsAttention(server, runId, view));
  for (const interrupt of asked) {
    show(view, interrupt);
    for (let isOpen = true; isOpen;) {
      const typed = await lines.next(`${CHOICES[interrupt.kind]}: `, signal);
      if (typed === undefined && signal.aborted) return true;
      if (typed === undefined) {
        view.line(`Run ${runId} waits for an answer: POST /api/v1/interrupts/${interrupt.id}/respond`);
        return false;
      }
      isOpen = !(await respond(server, interrupt, typed, view));
    }
  }
  return true;
}

/** Nothing is asked: somebody else was quicker, or the run cannot go on by an answer. */
async function needsAttention(server: Server, runId: string, view: RunView): Promise<boolean> {
  const { data: run } = await server.call<{ status: string; error?: { message: string } }>(`/runs/${runId}`);
  if (run.status !== 'needs_attention') return false;
  view.line(`Run ${runId} needs attention: ${run.error?.message ?? 'look at its steps'}`);
  return true;
}

function show(view: RunView, { kind, prompt, toolCall, responseSchema }: Interrupt): void {
  view.line(`? ${prompt}`);
  if (toolCall) view.line(`  ${toolCall.tool} ${JSON.stringify(toolCall.input)}`);
  const { enum: options } = responseSchema;
  if (Array.isArray(options)) view.line(`  One of: ${options.map(String).join(', ')}`);
  view.line(`  (${CHOICES[kind]})`);
}

/** Whether the question is settled. */
async function respond(server: Server, interrupt: Interrupt, typed: string, view: RunView): Promise<boolean> {
  const body = readDecision(interrupt, typed);
  if (body === undefined) {
    view.line(`Say ${CHOICES[interrupt.kind]}`);
    return false;
  }
  try {
    await server.call(`/interrupts/${interrupt.id}/respond`, { method: 'POST', body });
    return true;
  } catch (error) {
    if (!AppError.is(error) || (error.category !== 'validation' && error.category !== 'conflict')) throw error;
    view.line(error.message);
    return error.category === 'conflict';
  }
}
