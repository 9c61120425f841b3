import { jest } from '@jest/globals';
import { requireNode } from './require-node.js';

describe('requireNode', () => {
  const exit = jest.spyOn(process, 'exit').mockImplementation(() => undefined as never);
  const write = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
  beforeEach(() => jest.clearAllMocks());
  afterAll(() => jest.restoreAllMocks());

  it.each(['24.11.0', '24.21.3', '25.0.0'])('accepts Node %s', (version) => {
    requireNode(version);
    expect(exit).not.toHaveBeenCalled();
  });

  it.each(['20.20.2', '24.10.9', '9.0.0'])('ends on Node %s with one sentence', (version) => {
    requireNode(version);
    expect(exit).toHaveBeenCalledWith(1);
    expect(write).toHaveBeenCalledWith(
      `Guildhall needs Node 24.11 or newer and this is ${version}: start it with "npm start".\n`,
    );
  });
});
