import { inspect } from 'node:util';
import type { ClientReply, ModelCall, ModelClient, ModelMessage, ProviderConfig } from '@guildhall/sdk';
import type { FakeModel } from '../fake-model.js';

/** In the key, the prompt and whatever the vendor says in a failure: no error may repeat it. */
export const CANARY = 'canary-0123456789abcdef';

export interface ModelProviderUnderTest {
  /** As the adapter under test connects. */
  readonly connect: (config: ProviderConfig) => ModelClient;
  /** A scripted server that speaks the vendor's format. */
  readonly server: () => Promise<FakeModel>;
  /** A name the vendor would know, where the adapter looks at it. Default `m`. */
  readonly model?: string;
  /** Whether the vendor shows what its models think. Default true. */
  readonly reasoning?: boolean;
  /** Whether the vendor has embeddings. Default true. */
  readonly embeddings?: boolean;
}

export const MODES = ['whole', 'streamed'] as const;
export type Mode = (typeof MODES)[number];

export const user = (text: string): ModelMessage => ({ role: 'user', text });

/** The provider and its vendor, as the sentences of the suite speak of them. */
export class Subject {
  server: FakeModel;

  constructor(private readonly options: ModelProviderUnderTest) {}

  async start(): Promise<void> {
    this.server = await this.options.server();
  }

  client(more: Partial<ProviderConfig> = {}): ModelClient {
    const { connect, model = 'm' } = this.options;
    return connect({
      id: 'vendor',
      kind: 'vendor',
      baseUrl: this.server.baseUrl,
      apiKey: CANARY,
      trust: 'operator',
      models: [{ name: model }],
      ...more,
    });
  }

  call(more: Partial<ModelCall> = {}): ModelCall {
    const { model = 'm' } = this.options;
    return { model, messages: [user(`Hello ${CANARY}`)], signal: new AbortController().signal, ...more };
  }

  async ask(mode: Mode, more: Partial<ModelCall> = {}, config: Partial<ProviderConfig> = {}): Promise<ClientReply> {
    const onDelta = mode === 'streamed' ? () => undefined : undefined;
    return this.client(config).generate(this.call(more), onDelta);
  }

  /** How the call fails; the test fails when it does not. */
  async failure(mode: Mode, config: Partial<ProviderConfig> = {}): Promise<Error> {
    return this.ask(mode, {}, config).then(
      (reply) => {
        throw new Error(`It answered: ${JSON.stringify(reply)}`);
      },
      (error: Error) => error,
    );
  }

  /** An address where a server was, a moment ago. */
  async unreachable(): Promise<string> {
    const gone = await this.options.server();
    const { baseUrl } = gone;
    await gone.stop();
    return baseUrl;
  }

  /** What was sent last, as text. */
  get lastBody(): string {
    return JSON.stringify(this.server.requests.at(-1)?.body);
  }
}

/** All that a careless log could print of an error. */
export const everythingIn = (error: unknown): string => inspect(error, { depth: 20, showHidden: true });
