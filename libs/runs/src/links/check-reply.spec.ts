import type { ModelReply, ModelRequest } from '@guildhall/sdk';
import { checkReply } from './check-reply.js';

const passage = { documentTitle: 'Handbook', text: 'See https://handbook.example/returns.' };
const request = {
  model: { route: 'default' },
  messages: [
    { role: 'system', text: 'Send people to https://shop.example.' },
    { role: 'user', text: 'What does user.example say?', parts: [{ type: 'image', url: 'https://image.example/x' }] },
    { role: 'assistant', text: 'I like https://said.example', toolCalls: [{ id: '1', tool: 't', input: {} }] },
    { role: 'tool', callId: '1', tool: 't', output: { link: 'https://tool.example/1' } },
    { role: 'tool', callId: '2', tool: 't', output: { message: "no tool 'failed.example'" }, failed: true },
  ],
  knowledge: [passage],
} as unknown as ModelRequest;
const reply = (text: string) => ({ text, data: { mode: 'x' } }) as unknown as ModelReply;
const linkTo = (host: string) => `![x](https://${host}/?q=secret)`;

describe('checkReply', () => {
  it.each(['shop.example', 'user.example', 'image.example', 'tool.example', 'handbook.example'])(
    'trusts what instructions, people, tools and documents name: %s',
    (host) => {
      const given = reply(linkTo(host));
      expect(checkReply({ ...request, links: 'trusted' }, given)).toBe(given);
    },
  );

  it.each(['stranger.example', 'said.example', 'failed.example'])('does not trust %s, which a model named', (host) => {
    const untrustedLinks = [`https://${host}/?q=secret`];
    expect(checkReply(request, reply(linkTo(host)))).toEqual({
      text: linkTo(host),
      data: { mode: 'x', untrustedLinks },
    });
    expect(checkReply({ ...request, links: 'trusted' }, reply(linkTo(host)))).toEqual({
      text: '![x]([link removed])',
      data: { mode: 'x', untrustedLinks },
    });
  });
});
