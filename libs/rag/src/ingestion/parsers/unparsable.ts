import { ValidationError } from '@guildhall/sdk';

/** A document that cannot become text, and why. It fails; trying again would change nothing. */
export const unparsable = (reason: string): ValidationError => new ValidationError(reason, [], 'document_unparsable');
