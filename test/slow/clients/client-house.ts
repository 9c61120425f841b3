import { z } from 'zod';
import { type OpenAiHouse, openAiHouse } from '../../e2e/openai-house.js';

/** Guildhall as others' clients meet it: a scripted vendor, the built-in model, and two agents on the vendor. */
export interface ClientHouse extends OpenAiHouse {
  /** As clients name the vendor's model. */
  readonly vendor: string;
  readonly baseURL: string;
}

export const SUM_QUESTION = 'What is 12 * 12?';
export const sum = z.object({ answer: z.number() });
export const sumArguments = z.object({ expression: z.string().describe('e.g. 2 + 2') });

/** A call of the one tool of these tests, as the model makes it. */
export const asksTool = { toolCalls: [{ name: 'calculator', arguments: { expression: '12 * 12' } }] } as const;

export async function joined(pieces: AsyncIterable<string>): Promise<string> {
  let text = '';
  for await (const piece of pieces) text += piece;
  return text;
}

export async function clientHouse(): Promise<ClientHouse> {
  const at = await openAiHouse();
  const vendor = await at.provider();
  const [provider, name] = vendor.split('/');
  const model = { provider, name };
  const agents = [
    { name: 'helper', instructions: 'Be brief.', model, tools: ['calculator'] },
    { name: 'summer', instructions: 'Be brief.', model, outputSchema: z.toJSONSchema(sum) },
  ];
  for (const agent of agents) {
    const { status, text } = await at.house.post('/api/v1/agents', agent);
    if (status !== 201) throw new Error(text);
  }
  return { ...at, vendor, baseURL: `${at.house.url}/openai/v1` };
}
