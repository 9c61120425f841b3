import type { ModelMessage, ToolCall } from '@guildhall/sdk';

/** Vendors repeat ids (`call_1` in every reply); within a run they must not. Ids that are free stay as they are. */
export function withUniqueIds(calls: readonly ToolCall[], messages: readonly ModelMessage[]): readonly ToolCall[] {
  const taken = new Set(
    messages.flatMap((message) => (message.role === 'assistant' ? (message.toolCalls ?? []).map(({ id }) => id) : [])),
  );
  return calls.map((call) => {
    const base = call.id === '' ? 'call' : call.id;
    let id = base;
    for (let count = 2; taken.has(id); count++) id = `${base}-${count}`;
    taken.add(id);
    return id === call.id ? call : { ...call, id };
  });
}
