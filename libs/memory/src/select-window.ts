import type { ThreadMessage } from '@guildhall/sdk';

export interface WindowLimits {
  /** How many messages at most, system messages not counted. */
  readonly window: number;
  /** How many tokens at most, all together. The newest message is kept even when it alone is longer. */
  readonly tokenBudget: number;
}

/**
 * The last messages of a thread that fit both limits, oldest first, with the thread's system messages before them. A
 * tool result is kept only together with the call it answers, for a model refuses a result without its call.
 */
export function selectWindow(messages: readonly ThreadMessage[], limits: WindowLimits): readonly ThreadMessage[] {
  const system = lastThatFit(
    messages.filter((message) => message.role === 'system').map((message) => [message]),
    { messages: Infinity, tokens: limits.tokenBudget / 2 },
  );
  const turns = exchanges(messages.filter((message) => message.role !== 'system'));
  const newest = limits.window > 0 ? turns.slice(-1) : [];
  const left = {
    messages: limits.window - newest.flat().length,
    tokens: limits.tokenBudget - tokensOf([...system, ...newest].flat()),
  };
  return [...system, ...lastThatFit(turns.slice(0, -1), left), ...newest].flat();
}

/** Cuts a thread where it may be cut: a message and the tool results that follow it stay together. */
function exchanges(messages: readonly ThreadMessage[]): ThreadMessage[][] {
  const groups: ThreadMessage[][] = [];
  for (const message of messages) {
    const open = groups.at(-1);
    if (message.role === 'tool') open?.push(message);
    else groups.push([message]);
  }
  return groups;
}

/** The longest suffix of `groups` within the limits: memory has no holes. */
function lastThatFit(
  groups: readonly ThreadMessage[][],
  limits: { readonly messages: number; readonly tokens: number },
): ThreadMessage[][] {
  let { messages, tokens } = limits;
  let from = groups.length;
  while (from > 0) {
    const group = groups[from - 1]!;
    messages -= group.length;
    tokens -= tokensOf(group);
    if (messages < 0 || tokens < 0) break;
    from--;
  }
  return groups.slice(from);
}

/** An estimate: about four characters a token, and a few for what frames each message. */
function tokensOf(messages: readonly ThreadMessage[]): number {
  return messages.reduce((sum, message) => sum + Math.ceil(message.text.length / 4) + 4, 0);
}
