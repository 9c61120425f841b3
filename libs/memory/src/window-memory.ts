import { Injectable } from '@nestjs/common';
import type { ConversationMemory, MemoryOptions, RequestContext, ThreadMessage } from '@guildhall/sdk';
import { selectWindow } from './select-window.js';

const DEFAULT_WINDOW = 20;
/** Leaves room for instructions, knowledge and the answer in a context of 16 000 tokens. */
const TOKEN_BUDGET = 8_000;

/** Short-term memory: the end of the thread, word for word. */
@Injectable()
export class WindowMemory implements ConversationMemory {
  select(_ctx: RequestContext, messages: readonly ThreadMessage[], options: MemoryOptions): readonly ThreadMessage[] {
    return selectWindow(messages, { window: options.window ?? DEFAULT_WINDOW, tokenBudget: TOKEN_BUDGET });
  }
}
