import type { ModelReply, ModelRequest } from '@guildhall/sdk';
import { knownHosts } from './known-hosts.js';
import { checkLinks } from './untrusted-links.js';

/**
 * A reply that says which of its links lead to hosts that nobody but the model has named: what a document talked it into
 * may carry secrets away in such a link. Where the agent trusts no others, they are removed.
 */
export function checkReply(request: ModelRequest, reply: ModelReply): ModelReply {
  const { text, untrusted } = checkLinks(reply.text, () => knownHosts(textsOf(request)), request.links === 'trusted');
  if (untrusted.length === 0) return reply;
  return { ...reply, text, data: { ...reply.data, untrustedLinks: untrusted } };
}

/**
 * What the model was told: instructions, people's words, what tools answered, documents. Not what a model has said, nor
 * failures of tools, which repeat it.
 */
function* textsOf({ messages, knowledge = [] }: ModelRequest): Generator<string> {
  for (const message of messages) {
    if (message.role === 'assistant' || (message.role === 'tool' && message.failed)) continue;
    if (message.role === 'tool') yield asText(message.output);
    else yield message.text;
    if (message.role === 'user') for (const part of message.parts ?? []) if (part.url !== undefined) yield part.url;
  }
  for (const { text, documentTitle } of knowledge) yield `${documentTitle}\n${text}`;
}

const asText = (output: unknown): string => (typeof output === 'string' ? output : (JSON.stringify(output) ?? ''));
