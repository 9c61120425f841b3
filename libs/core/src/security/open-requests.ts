import { Injectable } from '@nestjs/common';

/** The requests that keys have under way in this process, streams among them, and how to end each. */
@Injectable()
export class OpenRequests {
  private readonly byKey = new Map<string, Set<() => void>>();

  get keyIds(): readonly string[] {
    return [...this.byKey.keys()];
  }

  /** Returns the function to call when the request is over. */
  add(keyId: string, end: () => void): () => void {
    const ends = this.byKey.get(keyId) ?? new Set();
    this.byKey.set(keyId, ends.add(end));
    return () => {
      ends.delete(end);
      if (ends.size === 0 && this.byKey.get(keyId) === ends) this.byKey.delete(keyId);
    };
  }

  endAllOf(keyId: string): void {
    for (const end of this.byKey.get(keyId) ?? []) end();
  }
}
