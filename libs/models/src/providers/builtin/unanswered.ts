import type { Missing } from './knowledge/name-the-same.js';

/** Why a part of a question stays open, where that is known. */
export interface Reason {
  readonly unfit?: string;
  readonly missing?: Missing;
}

/** The parts of a question that nothing answered, and what is said of them. */
export class Unanswered {
  private readonly parts: (Reason & { readonly text: string })[] = [];

  /** `searched`: there are documents, or a tool that searches them. */
  constructor(private readonly searched: boolean) {}

  get count(): number {
    return this.parts.length;
  }

  add(text: string, reason: Reason): void {
    this.parts.push({ text, ...reason });
  }

  /** `all`: nothing of the question was answered, so that its open parts need no naming. */
  sentences(all: boolean): string[] {
    const known = this.parts.flatMap(({ unfit, missing }) => unfit ?? (missing ? [speakOfOthers(missing)] : []));
    const open = this.parts.filter(({ unfit, missing }) => unfit === undefined && missing === undefined);
    const nothing = this.searched
      ? 'I found nothing in the documents that answers'
      : 'I have neither documents nor a tool for';
    if (open.length > 0 && !(all && known.length === 0)) {
      return [...known, `${nothing}: ${open.map(({ text }) => `"${text}"`).join(', ')}.`];
    }
    return known.length > 0 || !all ? known : [`${nothing} this.`];
  }
}

function speakOfOthers({ asked, has }: Missing): string {
  return `I found nothing in the documents on ${listed(asked)}. They have ${listed(has)}.`;
}

function listed(all: readonly string[]): string {
  return all.length < 2 ? all.join('') : `${all.slice(0, -1).join(', ')} and ${all.at(-1)}`;
}
