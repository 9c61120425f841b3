import { z } from 'zod';
import type { AgentKindOptions } from '@guildhall/sdk';
import { parseDefinition } from './parse-definition.js';

const graph = z.object({ graph: z.object({ start: z.string(), nodes: z.array(z.object({ id: z.string() })) }) });
const KINDS: AgentKindOptions[] = [
  { kind: 'tool-loop', description: 'Loops' },
  { kind: 'graph', description: 'Follows a graph', definition: graph },
];
const parse = (input: object) => parseDefinition(input, KINDS);
const faults = (input: object) => parse(input).faults.map(({ path, code }) => `${path} ${code}`);

describe('a definition', () => {
  it('takes its defaults for all that is left out', () => {
    expect(parse({ name: 'support' })).toEqual({
      faults: [],
      definition: {
        name: 'support',
        kind: 'tool-loop',
        instructions: '',
        model: { route: 'default' },
        tools: [],
        knowledge: [],
        memory: { window: 20, recall: 5 },
        limits: { maxSteps: 25, maxTokens: 1_000_000, maxCostMicroUsd: 1_000_000, timeoutMs: 600_000 },
        approvals: [],
        metadata: {},
      },
    });
  });

  it('fills in nested defaults, and reads null as left out', () => {
    const { definition } = parse({
      name: 'a',
      description: null,
      limits: { maxSteps: 3 },
      memory: { recall: 0 },
      tools: null,
    });
    expect(definition).not.toHaveProperty('description');
    expect(definition).toMatchObject({
      limits: { maxSteps: 3, timeoutMs: 600_000 },
      memory: { window: 20, recall: 0 },
      tools: [],
    });
  });

  it('keeps the example of the documentation as it is', () => {
    const example = {
      name: 'support',
      description: 'Answers from the handbook',
      kind: 'tool-loop',
      instructions: 'Answer from the handbook and cite it.',
      model: { route: 'default', temperature: 0.2 },
      tools: ['calculator', 'get-order'],
      knowledge: [{ collectionId: 'col_1', topK: 6, filter: { 'metadata.lang': { in: ['en'] } } }],
      memory: { window: 20, recall: 5 },
      limits: { maxSteps: 25, maxTokens: 1_000_000, maxCostMicroUsd: 1_000_000, timeoutMs: 600_000 },
      approvals: [{ tool: 'refund', when: 'always' }],
      metadata: { team: { name: 'support', people: [1, 2] } },
    };
    expect(parse(example)).toEqual({ definition: example, faults: [] });
  });

  it('says all that is wrong at once, each at its path', () => {
    const wrong = {
      name: '',
      instructions: 7,
      tools: ['a', 'a'],
      knowledge: [{ collectionId: 'col_1', topK: 0 }, { topk: 1 }],
      limits: { maxSteps: '12', wait: 1 },
      approvals: [{ tool: 'a', when: 'never' }],
      metadata: [],
      colour: 'red',
    };
    expect(faults(wrong)).toEqual(
      expect.arrayContaining([
        'name invalid_format',
        'instructions invalid_type',
        'tools array_unique',
        'knowledge[0].topK too_small',
        'knowledge[1].topk unknown_field',
        'knowledge[1].collectionId required',
        'limits.maxSteps invalid_type',
        'limits.wait unknown_field',
        'approvals[0].when not_allowed',
        'metadata invalid_type',
        'colour unknown_field',
      ]),
    );
  });

  it.each([
    [{ name: 'a', limits: 5 }, 'limits'],
    [{ name: 'a', model: 'gpt' }, 'model'],
    [{ name: 'a', memory: [] }, 'memory'],
    [{ name: 'a', knowledge: 'col_1' }, 'knowledge'],
    [{ name: 'a', knowledge: ['col_1'] }, 'knowledge'],
    [{ name: 'a', knowledge: [[]] }, 'knowledge'],
    [{ name: 'a', knowledge: [[{ collectionId: 'col_1' }]] }, 'knowledge'],
    [{ name: 'a', approvals: [[]] }, 'approvals'],
    [{ name: 'a', model: [] }, 'model'],
    [{ name: 'a', model: { preferences: { groq: null } } }, 'model.preferences'],
    [{ name: 'a', model: { preferences: { groq: 2 } } }, 'model.preferences'],
    [{ name: 'a', tools: [{}] }, 'tools'],
    [{ name: { first: 'a' } }, 'name'],
    [{ name: '   ' }, 'name'],
    [{ name: 'a', description: { nested: null } }, 'description'],
    [{ name: 'a', kind: 7 }, 'kind'],
    [{ name: 'a', knowledge: [{ collectionId: 'col_1', topK: null }] }, 'knowledge[0].topK'],
  ])('refuses %j', (input, path) => {
    const paths = parse(input).faults.map((fault) => fault.path);
    expect(paths).toEqual(expect.arrayContaining([expect.stringContaining(path)]));
  });

  it('names the kinds there are', () => {
    expect(parse({ name: 'a', kind: 'swarm' }).faults).toEqual([
      { path: 'kind', code: 'unknown_kind', message: "'swarm' is no kind of agent: use 'graph', 'tool-loop'" },
    ]);
  });

  it('judges beside an unknown kind what is wrong whatever kind was meant', () => {
    const input = { name: '', kind: 'x', foo: 1, graph: 7, limits: { maxSteps: 0 }, model: { name: 'llama' } };
    expect(faults(input)).toEqual([
      'name invalid_format',
      'limits.maxSteps too_small',
      'model.provider invalid_model',
      'kind unknown_kind',
      'foo unknown_field',
    ]);
  });

  it('leaves the fields of a kind to that kind', () => {
    const own = { graph: { start: 'n0', nodes: [{ id: 'n0' }] } };
    expect(parse({ name: 'a', kind: 'graph', ...own })).toMatchObject({ definition: own, faults: [] });
    expect(faults({ name: 'a', kind: 'graph', graph: { start: 'n0', nodes: [{}] } })).toEqual([
      'graph.nodes[0].id required',
    ]);
    expect(faults({ name: 'a', kind: 'tool-loop', ...own })).toEqual(['graph unknown_field']);
  });

  it.each([
    [{ temperature: 0.2 }, { route: 'default', temperature: 0.2 }],
    [
      { provider: 'groq', name: 'llama' },
      { provider: 'groq', name: 'llama' },
    ],
  ])('understands the model reference %j', (model, expected) => {
    expect(parse({ name: 'a', model })).toMatchObject({ definition: { model: expected }, faults: [] });
  });

  it.each([
    [{ provider: 'groq' }, 'model.name'],
    [{ name: 'llama' }, 'model.provider'],
    [{ route: 'default', provider: 'groq', name: 'llama' }, 'model.route'],
    [{ route: 'fastest' }, 'model.route'],
    [{ temperature: 3 }, 'model.temperature'],
  ])('refuses the model reference %j', (model, path) => {
    expect(parse({ name: 'a', model }).faults.map((fault) => fault.path)).toEqual([path]);
  });
});
