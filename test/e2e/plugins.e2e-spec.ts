import { type TestApp, startTestApp } from '@guildhall/testing';

describe('plugins over HTTP', () => {
  let app: TestApp;
  beforeAll(async () => {
    app = await startTestApp();
  });
  afterAll(() => app.close());

  it('answers the probes without a key', async () => {
    const answers = await Promise.all(
      ['/health/live', '/health/ready', '/health/startup'].map((path) => app.get(path, { key: null })),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200]);
  });
});
