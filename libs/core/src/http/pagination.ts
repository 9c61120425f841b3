import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { ApiProperty } from '@nestjs/swagger';
import { Transform, Type } from 'class-transformer';
import { IsBoolean, IsString, MaxLength } from 'class-validator';
import { type RequestContext, ValidationError } from '@guildhall/sdk';
import type { ListedRows } from '../database/listed-rows.js';
import { SigningKey } from '../security/signing-key.js';
import { IsWhole } from './number.decorators.js';
import { Optional } from './optional.decorator.js';

/** Query parameters of every list. */
export class PageQuery {
  @ApiProperty({
    description: 'How many items, 1 to 100; a page of more than 4 MiB ends early',
    required: false,
    default: 20,
  })
  @Optional()
  @Type(() => Number)
  @IsWhole(1, 100)
  limit: number = 20;

  @ApiProperty({
    description: '`meta.pagination.nextCursor` of the page before',
    type: String,
    required: false,
    maxLength: 1024,
  })
  @Optional()
  @IsString()
  @MaxLength(1024)
  cursor?: string;

  @ApiProperty({ description: 'Count all items too', type: Boolean, required: false, default: false })
  @Optional()
  @Transform(({ value }) => (value === 'true' ? true : value === 'false' ? false : value))
  @IsBoolean()
  total?: boolean;
}

export interface Pagination {
  readonly limit: number;
  readonly count: number;
  readonly hasMore: boolean;
  readonly nextCursor: string | null;
  readonly total?: number;
}

/** One page of a list; the envelope puts `pagination` into `meta`. */
export class Page<T> {
  private constructor(
    readonly items: readonly T[],
    readonly pagination: Pagination,
  ) {}

  /** `nextCursor` names the place behind an item; it is asked for where the list goes on. */
  static of<T>(rows: ListedRows<T>, limit: number, nextCursor: (last: T) => string | null, total?: number): Page<T> {
    const { items, hasMore } = rows;
    const last = items.at(-1);
    return new Page(items, {
      limit,
      count: items.length,
      hasMore,
      nextCursor: hasMore && last !== undefined ? nextCursor(last) : null,
      ...(total === undefined ? {} : { total }),
    });
  }

  /** A page that was answered before, for an answer that is repeated. */
  static repeated(items: readonly unknown[], pagination: Pagination): Page<unknown> {
    return new Page(items, pagination);
  }

  map<U>(convert: (item: T) => U): Page<U> {
    return new Page(this.items.map(convert), this.pagination);
  }
}

export interface Keyset {
  readonly limit: number;
  /** Only items whose id is smaller: lists run newest first, and ids sort by time. */
  readonly before?: string;
}

/** Signed keyset cursors. A cursor works only for the list, tenant and filters it was made for. */
@Injectable()
export class Cursors {
  constructor(@Inject(SigningKey) private readonly key: SigningKey) {}

  /** Where the page asked for begins. Throws `validation_failed` for a cursor that is forged or from elsewhere. */
  read(ctx: RequestContext, list: string, query: PageQuery, filters: object = {}): Keyset {
    if (query.cursor === undefined) return { limit: query.limit };
    const before = Buffer.from(query.cursor.split('.')[0]!, 'base64url').toString();
    // The whole text is compared: decoding passes over what is not base64, and over all that is appended.
    if (!isSame(query.cursor, this.cursor(ctx, list, before, filters))) {
      const message = 'Use the nextCursor of a page of this same list and filters, or leave it out';
      throw new ValidationError('The cursor does not belong to this list', [
        { path: 'cursor', code: 'invalid_cursor', message },
      ]);
    }
    return { limit: query.limit, before };
  }

  /** Makes the page of the rows that were read; its cursor goes on behind the last of them. */
  page<T extends { id: string }>(
    ctx: RequestContext,
    list: string,
    query: PageQuery,
    rows: ListedRows<T>,
    filters: object = {},
    total?: number,
  ): Page<T> {
    return Page.of(rows, query.limit, ({ id }) => this.cursor(ctx, list, id, filters), total);
  }

  private cursor(ctx: RequestContext, list: string, id: string, filters: object): string {
    return `${Buffer.from(id).toString('base64url')}.${this.sign(ctx, list, id, filters)}`;
  }

  private sign(ctx: RequestContext, list: string, id: string, filters: object): string {
    const scope = createHash('sha256')
      .update(JSON.stringify([ctx.tenantId, list, filters]))
      .digest('hex');
    return createHmac('sha256', this.key.for('cursor')).update(`${scope}:${id}`).digest('base64url').slice(0, 22);
  }
}

function isSame(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}
