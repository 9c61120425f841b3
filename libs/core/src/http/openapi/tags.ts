/** What each group of routes is about, in the order in which one comes to need them. Plugins' tags get a general sentence. */
const DESCRIPTIONS: Readonly<Record<string, string>> = {
  agents: 'Agents are data: a definition with versions, of which one is published.',
  runs: 'One execution of an agent: started in the background, waited for, or streamed.',
  threads: 'Conversations: a thread holds messages, and runs answer on it.',
  messages: 'What was said on a thread.',
  interrupts: 'Questions and approvals that a waiting run needs answered.',
  collections: 'Documents that agents search, split into chunks.',
  documents: 'What a collection holds, with its text and its chunks.',
  tools: 'What agents can call.',
  workers: 'Units that a run delegates a step to.',
  models: 'Models of all providers.',
  providers: 'Vendors of models and how they are ranked.',
  usage: 'Tokens and money.',
  budgets: 'What model calls may cost: of the tenant, an agent, a provider or an end user.',
  memories: 'Facts that outlive a thread.',
  plugins: 'Plugins of this process and their state.',
  integrations: 'Systems that connections lead to.',
  connections: "A tenant's credentials for an integration.",
  jobs: 'Background work.',
  'api-keys': 'Keys of a tenant. A key is shown once.',
  tenants: 'Tenants of this installation.',
  health: 'Probes and reports of the process.',
};

export function describeTag(name: string): string {
  return DESCRIPTIONS[name.toLowerCase()] ?? `Routes about ${name}.`;
}

const RANKS = new Map(Object.keys(DESCRIPTIONS).map((name, rank) => [name, rank]));

/** Those of plugins come last, by name. */
export function inOrderOfUse(names: Iterable<string>): string[] {
  const rankOf = (name: string) => RANKS.get(name.toLowerCase()) ?? RANKS.size;
  return [...names].toSorted((a, b) => rankOf(a) - rankOf(b) || a.localeCompare(b));
}
