import type { VendorUsage } from '@guildhall/sdk';
import { malformed } from '../../ai-sdk/failure.js';
import { fieldsOf, usageFrom } from './wire-usage.js';

const NEWLINE = 10;
const NOTHING = Buffer.alloc(0);
const MAX_HELD_BYTES = 2 * 1024 * 1024;
// In JSON text a quote inside a string is escaped, so these can only be field names of the vendor. Each is looked for
// where it must be, near the end, or in plain searches: on a burst of tokens patterns would cost the most of all.
const FINISH = '"finish_reason":';
const CHOICES = '"choices":';
const USAGE = ['"usage":{', '"usage": {'];
const DONE = '[DONE]';
const DONE_EVENT = 'data: [DONE]\n\n';
const ERROR_EVENT = /(?:^|\n)event: ?error/;
/** The event that finishes is the last with a choice, but for a few that some vendors send after it. */
const FINISH_WITHIN = 4;
const TOKEN_FIELDS = ['content', 'tool_calls', 'function_call', 'reasoning_content', 'reasoning', 'refusal', 'audio'];

/**
 * Follows a stream of chat completion chunks without taking it apart: whole lines go on as they came, and only a line
 * that says something of usage or failure is parsed. Until the first token everything is held back, so that another
 * provider may still take over.
 */
export class StreamScan {
  usage: VendorUsage | undefined;
  isDone = false;
  /** Whether the last bytes brought the reply on: comments and junk may come for ever. */
  moved = false;
  private hasToken = false;
  private isFinished = false;
  /** The blank line of an event that was cut out is still to come. */
  private awaitsBlank = false;
  private rest: Buffer = NOTHING;
  private held: Buffer[] = [];
  private heldBytes = 0;

  constructor(
    private readonly provider: string,
    /** Whether the caller asked for the chunk that only counts. */
    private readonly passUsage: boolean,
  ) {}

  get begun(): boolean {
    return this.hasToken;
  }

  /** Takes what came and returns what may go on now, often the same bytes. Throws when the vendor reports a failure. */
  take(bytes: Buffer): Buffer {
    if (this.isDone) return NOTHING;
    const end = bytes.lastIndexOf(NEWLINE) + 1;
    this.moved = false;
    if (end === 0) {
      this.rest = joined(this.rest, bytes);
      this.limit(this.rest.length);
      return NOTHING;
    }
    const lines = joined(this.rest, bytes.subarray(0, end));
    this.rest = bytes.subarray(end);
    const from = this.awaitsBlank && lines[0] === NEWLINE ? 1 : 0;
    this.awaitsBlank = false;
    return this.pass(this.inspect(lines.subarray(from)));
  }

  /** The end of the connection. Throws unless the reply is complete; returns what is left to pass on. */
  end(): Buffer {
    const last = this.rest.length > 0 ? this.take(Buffer.from('\n\n')) : NOTHING;
    if (!this.isFinished) throw malformed(this.provider, 'ended without its finish marker');
    return this.isDone ? last : joined(last, Buffer.from(DONE_EVENT));
  }

  private pass(lines: Buffer): Buffer {
    if (this.hasToken && this.held.length === 0) return lines;
    this.held.push(lines);
    if (!this.hasToken) {
      this.limit((this.heldBytes += lines.length));
      return NOTHING;
    }
    const all = Buffer.concat(this.held);
    this.held = [];
    return all;
  }

  /** Everything up to `[DONE]`, which is passed on only behind a complete answer, and nothing after it. */
  private inspect(lines: Buffer): Buffer {
    // One byte a character: positions in the text are positions in the bytes.
    const text = lines.toString('latin1');
    const done = this.findDone(text);
    if (done === undefined) return this.inspectEvents(lines, text);
    const events = this.inspectEvents(lines.subarray(0, done), text.slice(0, done));
    if (!this.isFinished) throw malformed(this.provider, 'ended without its finish marker');
    this.isDone = true;
    this.rest = NOTHING;
    return joined(events, Buffer.from(DONE_EVENT));
  }

  private inspectEvents(lines: Buffer, text: string): Buffer {
    this.moved = text.includes(CHOICES);
    if (!this.isFinished) this.isFinished = hasFinish(text);
    if (!this.hasToken) this.hasToken = this.isFinished || hasToken(lines);
    if (text.includes('"error"')) this.refuseFailure(lines);
    if (text.includes('event:') && ERROR_EVENT.test(text)) throw malformed(this.provider, 'ended in an error');
    // The counts come with the end or after it.
    const usage = this.isFinished ? USAGE.find((spelling) => text.includes(spelling)) : undefined;
    return usage === undefined ? lines : this.readUsage(lines, text, text.lastIndexOf(usage));
  }

  /** Reads the last usage there is, and cuts it out where nobody asked for it. */
  private readUsage(lines: Buffer, text: string, at: number): Buffer {
    const from = text.lastIndexOf('\n', at) + 1;
    const to = text.indexOf('\n', at) + 1;
    const chunk = parseEvent(lines.toString('utf8', from, to));
    this.usage = usageFrom(chunk['usage']) ?? this.usage;
    const countsOnly = isNone(chunk['choices']);
    if (!countsOnly || this.passUsage) return lines;
    // With the blank line that ends the event.
    const next = lines[to] === NEWLINE ? to + 1 : to;
    this.awaitsBlank = to === lines.length;
    return Buffer.concat([lines.subarray(0, from), lines.subarray(next)]);
  }

  /** Where `[DONE]` is. Throws for an event that breaks off: clients would choke on it, and its words may be anything. */
  private findDone(text: string): number | undefined {
    let to = 0;
    for (let at = nextEvent(text, 0); at >= 0; at = nextEvent(text, to)) {
      to = text.indexOf('\n', at);
      if (text[to - 1] === '}') continue;
      const data = text.slice(at + 5, to).trim();
      if (data === DONE) return at;
      this.refuseFragment(data);
    }
    return undefined;
  }

  private refuseFragment(data: string): void {
    try {
      JSON.parse(data);
    } catch {
      throw malformed(this.provider, 'cannot be understood');
    }
  }

  private refuseFailure(lines: Buffer): void {
    for (const { error } of eventsOf(lines)) {
      if (error !== undefined && error !== null) throw malformed(this.provider, 'ended in an error');
    }
  }

  private limit(bytes: number): void {
    if (bytes > MAX_HELD_BYTES) throw malformed(this.provider, 'has an event that is too large');
  }
}

function joined(first: Buffer, second: Buffer): Buffer {
  return first.length === 0 ? second : second.length === 0 ? first : Buffer.concat([first, second]);
}

/** Where the next line with data begins. */
function nextEvent(text: string, from: number): number {
  if (from === 0 && text.startsWith('data:')) return 0;
  const at = text.indexOf('\ndata:', from);
  return at < 0 ? -1 : at + 1;
}

/** Whether one of the last choices gives a reason for its end instead of `null`. */
function hasFinish(text: string): boolean {
  let at = text.length;
  for (let seen = 0; seen < FINISH_WITHIN && at > 0; seen++) {
    at = text.lastIndexOf(FINISH, at - 1);
    if (at < 0) return false;
    const value = at + FINISH.length;
    // Some vendors say "" where others say null.
    const quote = text[value] === ' ' ? value + 1 : value;
    if (text[quote] === '"' && text[quote + 1] !== '"') return true;
  }
  return false;
}

/** Whether there is anything that a reader would see or act on. */
function hasToken(lines: Buffer): boolean {
  for (const { choices } of eventsOf(lines)) {
    const { delta, text } = fieldsOf(Array.isArray(choices) ? choices[0] : undefined);
    const fields = fieldsOf(delta);
    if (Boolean(text) || TOKEN_FIELDS.some((name) => isSomething(fields[name]))) return true;
  }
  return false;
}

const isNone = (choices: unknown): boolean => !isSomething(choices ?? []);

function isSomething(value: unknown): boolean {
  return Array.isArray(value) ? value.length > 0 : Boolean(value);
}

/** One at a time: who looks for something mostly finds it in the first. */
function* eventsOf(lines: Buffer): Generator<Readonly<Record<string, unknown>>> {
  for (let from = 0; from < lines.length;) {
    const to = lines.indexOf(NEWLINE, from) + 1 || lines.length;
    yield parseEvent(lines.toString('utf8', from, to));
    from = to;
  }
}

/** What an event says; nothing, where it is none or no JSON. */
function parseEvent(line: string): Readonly<Record<string, unknown>> {
  if (!line.startsWith('data:')) return {};
  try {
    return fieldsOf(JSON.parse(line.slice(5)));
  } catch {
    return {}; // `[DONE]`, or what the client will complain about in its own words
  }
}
