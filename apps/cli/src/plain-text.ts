/** All but line ends and tabs. */
const CONTROLS = /[^\P{Cc}\n\t]/gu;

/** Text of models, documents and file names without what a terminal would obey. */
export const plainText = (text: string): string => text.replace(CONTROLS, '');

/** The same on one line. */
export const plainLine = (text: string): string => plainText(text).replace(/\s+/g, ' ').trim();
