import { describeEmbeddings } from './embeddings.js';
import { describeExcess } from './excess.js';
import { describeFailures, describeTime } from './failures.js';
import { describeReasoning, describeReplies } from './replies.js';
import { type ModelProviderUnderTest, Subject } from './subject.js';

/**
 * What every model provider has to do, in sentences: one suite for all adapters, each against a scripted server that
 * speaks its vendor's format.
 *
 * @example
 * modelProviderConformance('anthropic', {
 *   connect: (config) => new AnthropicProvider(outbound).connect(config),
 *   server: () => FakeModel.start(ANTHROPIC_WIRE),
 *   model: 'claude-haiku-4-5',
 *   embeddings: false,
 * });
 */
export function modelProviderConformance(name: string, options: ModelProviderUnderTest): void {
  describe(`${name} as a model provider`, () => {
    const subject = new Subject(options);
    beforeAll(() => subject.start());
    beforeEach(() => subject.server.reset());
    afterAll(() => subject.server.stop());

    describe('a reply', () => {
      describeReplies(subject);
      if (options.reasoning ?? true) describeReasoning(subject);
    });
    describe('a failure', () => describeFailures(subject));
    describe('too much', () => describeExcess(subject));
    describe('time', () => describeTime(subject));
    if (options.embeddings ?? true) describe('embeddings', () => describeEmbeddings(subject));
    else it('offers no embeddings', () => expect(subject.client().embed).toBeUndefined());
  });
}
