/** `meta` of every success. */
export class SuccessMetaDto {
  /** The request's id, as in the `X-Request-Id` header and every log line. */
  requestId: string;
  /** ISO 8601 UTC. */
  timestamp: string;
  /** Version of the API that answered. */
  version: string;
}

/** `meta.pagination` of a list. */
export class PaginationDto {
  limit: number;
  /** Items on this page. */
  count: number;
  hasMore: boolean;
  /** Pass as `cursor` to get the next page; null on the last one. */
  nextCursor: string | null;
  /** All items of the list, when `total=true` asked for it. */
  total?: number;
}
