import type { ToolEffect } from '@guildhall/sdk';
import { sealOutput } from './tool-output.js';
import type { RegisteredTool } from './tool-source.js';

const tool = (effect: ToolEffect) => ({ name: 'pay', effect, maxOutputBytes: 10 }) as RegisteredTool;

describe('an output that is not taken', () => {
  it('is to be asked for again where asking changes nothing', () => {
    expect(() => sealOutput(tool('read'), 'x'.repeat(11))).toThrow('ask it for less');
  });

  it.each([
    ['idempotent', 'x'.repeat(11)],
    ['unsafe', 'x'.repeat(11)],
    ['unsafe', 1n],
    ['unsafe', () => 1],
  ] as const)('of a tool that is %s (%#) is no reason to call it again: it has taken effect', (effect, output) => {
    expect(() => sealOutput(tool(effect), output)).toThrow('taken effect all the same, so do not call it again');
  });
});
