import { numberFaults } from './number-faults.js';

const faults = (body: object) => numberFaults({ ...body }).map(({ path }) => path);

describe('the numbers of a request in OpenAI’s words', () => {
  it.each([
    ['max_tokens', [1e300, 1.5, -2, '12', true, [], 1_000_001]],
    ['max_completion_tokens', [1e300]],
    ['max_output_tokens', [1e300, 0, -1]],
    ['n', [1e305, 0, -1, 1.5, 129]],
    ['seed', [1e300, 0.5, 2 ** 53]],
    ['temperature', [1e300, -0.1, 2.1, '1', Number.NaN]],
    ['top_p', [1e300, -1]],
    ['frequency_penalty', [1e300, -1e300]],
    ['top_logprobs', [1e300]],
    ['speed', [1e300, 0]],
  ])('refuses a %s beyond all measure', (name, values) => {
    for (const value of values) expect([value, faults({ [name]: value })]).toEqual([value, [name]]);
  });

  it('takes what clients send: null for nothing, and -1 for as long as it likes', () => {
    const usual = { n: 1, max_tokens: -1, max_completion_tokens: 4096, seed: 42, temperature: 0.7, top_p: 1 };
    expect(faults(usual)).toEqual([]);
    expect(faults({ n: null, max_tokens: null, temperature: null, seed: undefined })).toEqual([]);
    expect(faults({ max_tokens: 1e300, n: 1e305 })).toEqual(['n', 'max_tokens']);
  });
});
