import { SCOPES, scopesBeyond } from './scopes.js';

const actor = (...scopes: string[]) => ({ kind: 'api-key' as const, id: 'key_1', scopes });

describe('scopesBeyond', () => {
  it('finds nothing beyond *', () => expect(scopesBeyond(actor('*'), SCOPES)).toEqual([]));

  it('finds all beyond what is held', () => {
    expect(scopesBeyond(actor('admin', 'agents:write'), ['agents:read', 'agents:write', 'runs:read', '*'])).toEqual([
      'runs:read',
      '*',
    ]);
  });

  it('does not take reading for writing', () => {
    expect(scopesBeyond(actor('agents:read'), ['agents:write'])).toEqual(['agents:write']);
  });

  it('does not take admin for everything', () => {
    expect(scopesBeyond(actor('admin'), ['*', 'knowledge:groups'])).toEqual(['*', 'knowledge:groups']);
  });
});
