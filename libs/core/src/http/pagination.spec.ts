import { plainToInstance } from 'class-transformer';
import { validateSync } from 'class-validator';
import type { RequestContext } from '@guildhall/sdk';
import { ListedRows } from '../database/listed-rows.js';
import { SigningKey } from '../security/signing-key.js';
import { Cursors, Page, PageQuery } from './pagination.js';

const cursors = new Cursors(new SigningKey('secret'));
const ctx = { tenantId: 'ten_a' } as RequestContext;
const query = (values: Partial<PageQuery> = {}) => Object.assign(new PageQuery(), values);
const listed = (count: number, limit: number) =>
  ListedRows.first(
    Array.from({ length: count }, (_, index) => ({ id: `agt_${9 - index}` })),
    { limit },
  );

describe('Cursors', () => {
  it('leads from page to page to the end', () => {
    const first = cursors.page(ctx, 'agents', query({ limit: 2 }), listed(3, 2));
    expect(first.items).toEqual([{ id: 'agt_9' }, { id: 'agt_8' }]);
    expect(first.pagination).toEqual({ limit: 2, count: 2, hasMore: true, nextCursor: expect.any(String) });
    const next = query({ limit: 2, cursor: first.pagination.nextCursor! });
    expect(cursors.read(ctx, 'agents', next)).toEqual({ limit: 2, before: 'agt_8' });
    const last = cursors.page(ctx, 'agents', next, ListedRows.first([{ id: 'agt_7' }], { limit: 2 }));
    expect(last.pagination).toEqual({ limit: 2, count: 1, hasMore: false, nextCursor: null });
  });

  it('makes an empty page, and shows a total where one was counted', () => {
    expect(cursors.page(ctx, 'agents', query(), listed(0, 20), {}, 0).pagination).toEqual({
      limit: 20,
      count: 0,
      hasMore: false,
      nextCursor: null,
      total: 0,
    });
    expect(cursors.read(ctx, 'agents', query())).toEqual({ limit: 20 });
  });

  it('refuses a cursor that is forged, or of another list, tenant, filter or installation', () => {
    const cursor = cursors.page(ctx, 'agents', query({ limit: 1 }), listed(2, 1), { status: 'a' }).pagination
      .nextCursor!;
    const read =
      (of: Cursors, tenantId: string, list: string, filters: object, value = cursor) =>
      () =>
        of.read({ ...ctx, tenantId }, list, query({ cursor: value }), filters);
    expect(read(cursors, 'ten_a', 'agents', { status: 'a' })).not.toThrow();
    const forged = `${Buffer.from('agt_1').toString('base64url')}.${cursor.split('.')[1]}`;
    for (const attempt of [
      read(cursors, 'ten_b', 'agents', { status: 'a' }),
      read(cursors, 'ten_a', 'runs', { status: 'a' }),
      read(cursors, 'ten_a', 'agents', { status: 'b' }),
      read(cursors, 'ten_a', 'agents', {}),
      read(new Cursors(new SigningKey('other')), 'ten_a', 'agents', { status: 'a' }),
      ...[
        '',
        'x',
        '.',
        'a.b',
        forged,
        `${cursor}x`,
        ...['.', '.zzz', '.zzz.y', '='].map((more) => cursor + more),
        `!${cursor}`,
        cursor.slice(0, -1),
        'ü'.repeat(22),
      ].map((value) => read(cursors, 'ten_a', 'agents', { status: 'a' }, value)),
    ]) {
      expect(attempt).toThrow(expect.objectContaining({ code: 'validation_failed' }));
    }
  });
});

describe('PageQuery', () => {
  const faultsOf = (raw: object) =>
    validateSync(plainToInstance(PageQuery, raw), { whitelist: true, forbidNonWhitelisted: true }).map(
      ({ property }) => property,
    );

  it.each([[{}], [{ limit: '1' }], [{ limit: '100', total: 'true' }], [{ total: 'false', cursor: 'x' }]])(
    'takes %j',
    (raw) => expect(faultsOf(raw)).toEqual([]),
  );
  it.each([
    [{ limit: '0' }],
    [{ limit: '101' }],
    [{ limit: '-1' }],
    [{ limit: '1.5' }],
    [{ limit: 'x' }],
    [{ limit: ['1', '2'] }],
    [{ total: 'yes' }],
    [{ page: '1' }],
  ])('refuses %j', (raw) => expect(faultsOf(raw)).toEqual(Object.keys(raw)));
});

describe('Page', () => {
  it('converts its items and keeps its place', () => {
    const page = Page.of(ListedRows.first([1, 2, 3], { limit: 2 }), 2, String);
    expect(page.pagination).toEqual({ limit: 2, count: 2, hasMore: true, nextCursor: '2' });
    expect(page.map(String)).toEqual(Page.repeated(['1', '2'], page.pagination));
  });
});
