import type { RedisClient } from '../cache/redis-client.js';
import type { FanOutChannel } from './fan-out.js';

interface Stream {
  readonly key: string;
  /** About as many entries are kept. */
  readonly maxLength: number;
  /** Messages are words: many go into one entry, each once. */
  readonly joined: boolean;
}

const STREAMS: Record<FanOutChannel, Stream> = {
  events: { key: 'guildhall:events', maxLength: 10_000, joined: false },
  runs: { key: 'guildhall:runs', maxLength: 1_000, joined: true },
};
const CHANNELS = Object.keys(STREAMS) as FanOutChannel[];

const BLOCK_MS = 2_000;
const AT_ONCE = 500;

export interface StreamEntry {
  readonly channel: FanOutChannel;
  readonly from: string;
  readonly messages: readonly string[];
}

type Found = readonly {
  readonly name: string;
  readonly messages: readonly { readonly id: string; readonly message: Record<string, string> }[];
}[];

/** Appends to the streams of Redis. An entry has two fields: `from`, the process, and `message`. */
export async function append(
  client: RedisClient,
  from: string,
  channel: FanOutChannel,
  messages: readonly string[],
): Promise<void> {
  const { key, maxLength, joined } = STREAMS[channel];
  const TRIM = { strategy: 'MAXLEN', strategyModifier: '~', threshold: maxLength } as const;
  const entries = joined ? [[...new Set(messages)].join(' ')] : messages;
  // Issued in one turn, they travel together.
  await Promise.all(entries.map((message) => client.xAdd(key, '*', { from, message }, { TRIM })));
}

/** Reads the streams from where it is; new entries only, to begin with. */
export class StreamReader {
  private readonly positions = new Map<FanOutChannel, string>();

  constructor(private readonly client: RedisClient) {}

  /** Finds its place again after a gap. A stream that ends before that place was deleted: it begins anew. */
  async locate(): Promise<void> {
    for (const channel of CHANNELS) {
      const [newest] = (await this.client.xRevRange(STREAMS[channel].key, '+', '-', { COUNT: 1 })) ?? [];
      const known = this.positions.get(channel);
      if (known === undefined) this.positions.set(channel, newest?.id ?? '0-0');
      else if (!newest || isBefore(newest.id, known)) this.positions.set(channel, '0-0');
    }
  }

  /** What came, or nothing when nothing did for a while. To be handed to `take`; else it comes again. */
  async read(): Promise<Found> {
    const streams = CHANNELS.map((channel) => ({ key: STREAMS[channel].key, id: this.positions.get(channel)! }));
    return (await this.client.xRead(streams, { BLOCK: BLOCK_MS, COUNT: AT_ONCE })) ?? [];
  }

  take(found: Found): StreamEntry[] {
    return found.flatMap(({ name, messages }) => {
      const channel = CHANNELS.find((each) => STREAMS[each].key === name)!;
      this.positions.set(channel, messages.at(-1)!.id);
      return messages.map(({ message }) => toEntry(channel, message));
    });
  }
}

function toEntry(channel: FanOutChannel, { from = '', message = '' }: Record<string, string>): StreamEntry {
  return { channel, from, messages: STREAMS[channel].joined ? message.split(' ') : [message] };
}

/** Ids are `<ms>-<n>`. */
function isBefore(a: string, b: string): boolean {
  const [timeA = 0, countA = 0] = a.split('-').map(Number);
  const [timeB = 0, countB = 0] = b.split('-').map(Number);
  return timeA < timeB || (timeA === timeB && countA < countB);
}
