import { type RequestContext, hasScope } from '@guildhall/sdk';

/** Whoever names the groups decides what is seen: that takes a scope of its own. */
export const mayNameGroups = ({ actor }: RequestContext): boolean => hasScope(actor, 'knowledge:groups');

/**
 * Who sees a document where no groups are named: everybody of its tenant, and with an `acl` only who may name any group.
 * For others it does not exist. `$1` and `$2` are those of `asker`.
 */
export const READABLE = '(acl IS NULL OR $2::boolean)';
export const VISIBLE = `tenant_id = $1 AND deleted_at IS NULL AND ${READABLE}`;

export const asker = (ctx: RequestContext): [tenantId: string, namesGroups: boolean] => [
  ctx.tenantId,
  mayNameGroups(ctx),
];

/** The same for readers of the OpenAPI document. */
export const VISIBILITY =
  'A document with an `acl` does not exist here for a key without the scope `knowledge:groups`.';
