import { inputItems } from './input-items.js';
import { listItems } from './list-items.js';

const items = inputItems(['a', 'b', 'c'].map((content) => ({ id: `msg_${content}`, role: 'user', content })));
const list = (query: object = {}) =>
  listItems(items, { ...query }) as { data: { id: string }[]; [field: string]: unknown };
const ids = (query?: object) => list(query).data.map(({ id }) => id);

describe('the input of a response', () => {
  it('is listed newest first, or oldest first', () => {
    expect(ids()).toEqual(['msg_c', 'msg_b', 'msg_a']);
    expect(ids({ order: 'asc' })).toEqual(['msg_a', 'msg_b', 'msg_c']);
  });

  it('is listed page by page', () => {
    const first = list({ limit: '2', order: 'asc' });
    expect(first).toMatchObject({ object: 'list', first_id: 'msg_a', last_id: 'msg_b', has_more: true });
    const second = list({ limit: '2', order: 'asc', after: 'msg_b' });
    expect(second).toMatchObject({ first_id: 'msg_c', last_id: 'msg_c', has_more: false });
    expect(list({ order: 'asc', after: 'msg_c' })).toMatchObject({ data: [], first_id: null, has_more: false });
  });

  it.each([
    ['limit', { limit: '0' }],
    ['limit', { limit: '101' }],
    ['limit', { limit: 'all' }],
    ['order', { order: 'random' }],
    ['after', { after: 'msg_z' }],
  ])('refuses a %s that makes no sense', (path, query) => {
    expect(() => list(query)).toThrow(expect.objectContaining({ details: [expect.objectContaining({ path })] }));
  });
});
