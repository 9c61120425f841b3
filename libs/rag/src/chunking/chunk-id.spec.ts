import { isId } from '@guildhall/core';
import { chunkId } from './chunk-id.js';

const DOCUMENT = 'doc_01k9x3v7q2m4t6w8y0a2c4e6g8';

describe('chunkId', () => {
  it('is the same for the same words at the same place, and has the shape of an id', () => {
    const id = chunkId(DOCUMENT, { headingPath: ['A'], text: 'text' }, 0);
    expect(id).toBe(chunkId(DOCUMENT, { headingPath: ['A'], text: 'text' }, 0));
    expect(isId('chk', id)).toBe(true);
  });

  it('differs by document, heading, text, repeated header and repetition', () => {
    const other = DOCUMENT.replace('g8', 'g9');
    const ids = [
      chunkId(DOCUMENT, { headingPath: ['A'], text: 'text' }, 0),
      chunkId(other, { headingPath: ['A'], text: 'text' }, 0),
      chunkId(DOCUMENT, { headingPath: ['B'], text: 'text' }, 0),
      chunkId(DOCUMENT, { headingPath: ['A'], text: 'texts' }, 0),
      chunkId(DOCUMENT, { headingPath: ['A'], text: 'text' }, 1),
      chunkId(DOCUMENT, { headingPath: ['A'], text: 'text', repeated: 'head' }, 0),
    ];
    expect(new Set(ids).size).toBe(6);
  });
});
