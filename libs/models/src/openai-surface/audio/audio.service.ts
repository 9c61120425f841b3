import { Injectable } from '@nestjs/common';
import type { ModelReference, RequestContext, TranscriptionReply } from '@guildhall/sdk';
import { ChatGateway } from '../chat-gateway.js';
import { unsupported, wrong } from '../faults.js';
import { estimateTokens } from '../../text/estimate-tokens.js';
import { namedModel } from '../model-name.js';
import { AudioStream } from './audio-stream.js';
import type { SpeechRequest } from './speech-request.js';
import type { TranscriptionRequest } from './transcription-form.js';

const ABLE = 'use one of the kinds openai, openai-compatible or google';

/** Speech to text and back, by the model that is named: what one hears or says, another does not. */
@Injectable()
export class Audio {
  constructor(private readonly gateway: ChatGateway) {}

  async transcribe(ctx: RequestContext, { model, call }: TranscriptionRequest): Promise<TranscriptionReply> {
    return this.gateway.route(ctx, referenceOf(model), {
      restartable: true,
      // How long it is to hear nobody knows yet.
      size: () => ({ inputTokens: 0, outputTokens: undefined }),
      ask: async (client, name) => {
        if (!client.transcribe) throw unsupported('model', `The provider of '${model}' cannot transcribe: ${ABLE}`);
        return client.transcribe({ ...call, model: name, signal: ctx.signal });
      },
    });
  }

  /** Resolves when the first audio is there. */
  async speak(ctx: RequestContext, { model, call }: SpeechRequest): Promise<AudioStream> {
    const stream = new AudioStream();
    const spoken = this.gateway.route(ctx, referenceOf(model), {
      // What a client has heard cannot be taken back.
      restartable: false,
      size: () => ({ inputTokens: estimateTokens(call.text), outputTokens: undefined }),
      ask: async (client, name, onOutput) => {
        if (!client.speak) throw unsupported('model', `The provider of '${model}' cannot speak: ${ABLE}`);
        return client.speak({ ...call, model: name, signal: ctx.signal }, (bytes) => {
          onOutput();
          return stream.write(bytes);
        });
      },
    });
    spoken.then(
      () => stream.end(),
      (error: unknown) => stream.fail(error),
    );
    await stream.opened;
    return stream;
  }
}

function referenceOf(model: string): ModelReference {
  const named = namedModel(model);
  if (named.kind === 'gateway' && named.reference.provider !== undefined) return named.reference;
  throw wrong('model', 'Name a model that hears or speaks as <provider>/<model>');
}
