/** A document that cannot become text, and why. It fails; trying again would change nothing. */
export class Unparsable extends Error {}
