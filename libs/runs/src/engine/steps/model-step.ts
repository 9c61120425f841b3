import type { GenerateOptions, ModelReference, ModelReply, ModelRequest, ModelSignal } from '@guildhall/sdk';
import { checkReply } from '../../links/check-reply.js';
import type { AttemptState } from '../attempt-state.js';
import { DeltaCoalescer } from '../delta-coalescer.js';
import { derivedId } from '../derived-id.js';
import { performStep } from '../perform-step.js';
import type { EventDraft } from '../run-writer.js';
import type { AttemptUsage } from '../step-usage.js';
import type { LiveStep } from '../step-recorder.js';

export async function performModelStep(state: AttemptState, key: string, request: ModelRequest): Promise<ModelReply> {
  const { writer, run, contracts } = state;
  const spent: AttemptUsage[] = [];
  const spend = (attempt: AttemptUsage) => {
    spent.push(attempt);
    state.spend(attempt);
    writer.event('usage.updated', { usage: state.totalUsage });
  };
  // The same on every attempt.
  const messageId = derivedId('msg', run.id, key);
  const reply = await performStep<ModelReply>(state, {
    key,
    kind: 'model',
    name: modelName(request.model),
    input: {
      model: request.model,
      messageCount: request.messages.length,
      tools: request.tools?.map(({ name }) => name) ?? [],
      passages: request.knowledge?.length ?? 0,
    },
    run: async (step) => {
      const told = new ToldReply(state, step, { messageId, isChecked: request.links === 'trusted' }, spend);
      try {
        const onSignal = (signal: ModelSignal) => told.take(signal);
        const said = await contracts.models.generate(state.request, request, onSignal, optionsOf(state));
        const reply = checkReply(request, said);
        told.complete(reply);
        return reply;
      } finally {
        told.close();
      }
    },
    spent,
    tell: ({ text, citations, usage, provider, model }) => {
      if (text !== '') writer.event('message.completed', { messageId, text, citations });
      spend({ ...usage, provider, model });
    },
  });
  state.spoken.set(reply.text, messageId);
  return reply;
}

function optionsOf({ run, allowance }: AttemptState): GenerateOptions {
  const { id: runId, agentId, threadId, streamed: stream } = run;
  const { userId } = run.context;
  return { stream, allowance, attribution: { runId, agentId, threadId, ...(userId === undefined ? {} : { userId }) } };
}

function modelName({ provider, name, route }: ModelReference): string {
  return provider === undefined ? (route ?? 'default') : `${provider}/${name ?? 'default'}`;
}

/** Turns a gateway's signals into events as they come, so that streamed and unstreamed runs leave the same record. */
class ToldReply {
  private readonly coalescer = new DeltaCoalescer((text) => this.emit(text));
  private deltas: EventDraft[] = [];
  private text = '';

  constructor(
    private readonly state: AttemptState,
    private readonly step: LiveStep,
    private readonly message: { readonly messageId: string; readonly isChecked: boolean },
    private readonly spend: (attempt: AttemptUsage) => void,
  ) {}

  take(signal: ModelSignal): void {
    const { writer } = this.state;
    switch (signal.type) {
      case 'selected':
        writer.event('provider.selected', { provider: signal.provider, model: signal.model });
        return;
      case 'failed-over':
        writer.event('provider.failed_over', { from: signal.from, to: signal.to, reason: signal.reason });
        return;
      case 'delta':
        // Told as a whole, at its end: a link may hide in pieces of which each is harmless.
        if (this.message.isChecked) return;
        this.text += signal.text;
        this.coalescer.push(signal.text);
        return;
      case 'spent':
        this.spend({ ...signal.usage, provider: signal.provider, model: signal.model });
        return;
      case 'restart':
        this.restart();
    }
  }

  /** What was not streamed is said at the end. */
  complete({ text }: ModelReply): void {
    this.coalescer.end();
    if (this.text === '' && text !== '') this.emit(text);
  }

  close(): void {
    this.coalescer.discard();
  }

  private emit(text: string): void {
    const { writer } = this.state;
    this.deltas.push(writer.event('message.delta', { messageId: this.message.messageId, text }));
    if (this.state.run.streamed) writer.flushBehind();
  }

  /** What readers have seen of the attempt is void from its first piece on; what they have not seen is dropped. */
  private restart(): void {
    const { writer } = this.state;
    this.coalescer.discard();
    const superseded = this.deltas;
    this.deltas = [];
    this.text = '';
    writer.retract(superseded);
    writer.event('step.retried', (seq) => ({ ...this.step.facts, fromSeq: superseded[0]?.seq ?? seq }));
  }
}
