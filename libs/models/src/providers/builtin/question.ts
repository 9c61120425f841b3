import type { ModelMessage } from '@guildhall/sdk';
import { contentTerms } from '../../text/terms.js';

/** Rules look at this much of a question: enough for any, and too little to keep a pattern busy. */
const MAX_LENGTH = 2000;
const BETWEEN_SENTENCES = /(?<=[?!])\s+|(?<=[.;])\s+(?=\p{Lu}|\p{Ll}{2})|\n+/u;
const BETWEEN_QUESTIONS =
  /,?\s+(?:and|also|then)\s+(?=(?:also\s+|then\s+)?(?:what|who|how|when|where|why|which|calculate|compute|tell|show|give|list|find)\b)/i;

/** What the user last said. */
export function lastQuestion(messages: readonly ModelMessage[]): string {
  const last = messages.findLast((message) => message.role === 'user');
  return last?.role === 'user' ? last.text.slice(0, MAX_LENGTH).trim() : '';
}

/**
 * The separate questions of one message: "How long do I have to return it? And what is 3*4?" has two. A statement leads
 * up to the question after it and stays with it; a question without a word of its own stays with the one before.
 */
export function questionParts(question: string): string[] {
  const pieces = question.split(BETWEEN_SENTENCES).flatMap((piece) => piece.split(BETWEEN_QUESTIONS));
  const parts: string[] = [];
  let lead = '';
  for (const piece of pieces.map((text) => text.trim()).filter((text) => text !== '')) {
    const text = lead === '' ? piece : `${lead} ${piece}`;
    lead = '';
    if (contentTerms(piece).length === 0 && parts.length > 0) parts.push(`${parts.pop()!} ${text}`);
    else if (isStatement(piece)) lead = text;
    else parts.push(text);
  }
  if (lead !== '') parts.push(lead);
  return parts;
}

const ASKS =
  /\?$|^(?:and |also |then |please )*(?:what|who|how|when|where|why|which|is|are|can|could|do|does|did|will|would|should|calculate|compute|tell|show|give|list|find|explain|describe|please)\b/i;

function isStatement(piece: string): boolean {
  return piece.endsWith('.') && !ASKS.test(piece);
}
