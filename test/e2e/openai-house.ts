import OpenAI, { APIError, type ClientOptions } from 'openai';
import { FakeModel, type TestAppOptions, type TestTenant, startTestApp, testTenant } from '@guildhall/testing';

/** The key of every vendor, which nobody may ever see. */
export const CANARY = 'sk-canary-51c8e2b7d9f34a06';

/** A house with a scripted vendor and OpenAI's client, as it comes, in front. */
export interface OpenAiHouse {
  readonly house: TestTenant;
  readonly model: FakeModel;
  readonly client: OpenAI;
  connect(options?: ClientOptions): OpenAI;
  /** A provider of its own for each test, with measurements and a breaker of its own. Returns the name of its model. */
  provider(more?: object): Promise<string>;
  removeProviders(): Promise<void>;
  stop(): Promise<void>;
}

export async function openAiHouse(options?: TestAppOptions): Promise<OpenAiHouse> {
  const model = await FakeModel.start();
  const house = await (options ? startTestApp(options) : testTenant());
  const stored: string[] = [];
  const connect = (more: ClientOptions = {}) =>
    new OpenAI({ baseURL: `${house.url}/openai/v1`, apiKey: house.apiKey, maxRetries: 0, ...more });
  return {
    house,
    model,
    client: connect(),
    connect,
    async provider(more = {}) {
      const id = `p${stored.length + 1}`;
      const models = [{ name: 'small', inputPricePerMTok: 500_000, outputPricePerMTok: 1_000_000 }];
      const body = { id, kind: 'openai-compatible', baseUrl: model.baseUrl, apiKey: CANARY, models, ...more };
      const { status, text } = await house.post('/api/v1/providers', body);
      if (status !== 201) throw new Error(text);
      stored.push(id);
      return `${id}/small`;
    },
    async removeProviders() {
      for (const id of stored) await house.delete(`/api/v1/providers/${id}`);
    },
    async stop() {
      await house.close();
      await model.stop();
    },
  };
}

/** What the client throws; it never tells a vendor's key. */
export async function failing(call: PromiseLike<unknown>): Promise<APIError> {
  const error = await Promise.resolve(call).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  expect(error).toBeInstanceOf(APIError);
  expect(JSON.stringify(error) + String(error)).not.toContain(CANARY);
  return error as APIError;
}
