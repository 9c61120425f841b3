export interface ReplyOptions {
  readonly status?: number;
  /** Path of the resource that was made or will be ready. */
  readonly location?: string;
  /** Revision of a definition, without quotes. */
  readonly etag?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** A partial success: status 207 and `meta.partial`. */
  readonly partial?: boolean;
}

/** A handler's result where the data alone does not say everything; the envelope unpacks it. */
export class Reply<T> {
  constructor(
    readonly data: T,
    readonly options: ReplyOptions = {},
  ) {}
}
