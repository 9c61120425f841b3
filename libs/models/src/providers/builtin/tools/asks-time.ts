const NOW =
  '(?:now|today|right now|currently|at the moment|over there|there|here|please|jetzt|heute|gerade|maintenant|ahora|adesso|agora|nu)';
const CLOCK = [
  String.raw`what(?:'s|’s| is) (?:the )?(?:(?:current|local|exact|correct) )*(?:time|date|day)(?: and (?:the )?(?:time|date))?(?: of the week)?`,
  String.raw`(?:what|which) (?:time|day|date)(?: of the week)? is it`,
  String.raw`what (?:time|day|date) it is`,
  String.raw`(?:the )?(?:current|local|exact) (?:time|date)(?: and (?:time|date))?`,
  String.raw`(?:what(?:'s|’s| is) )?today(?:'s|’s) date`,
  String.raw`(?:what|which) (?:day|date) is (?:it )?today`,
  String.raw`how late is it`,
  'the time',
  'time',
  String.raw`wie sp[äa]t ist es`,
  String.raw`wie ?viel uhr ist es`,
  String.raw`welche[rsn]? (?:tag|datum|uhrzeit) (?:ist|haben wir)(?: es)?`,
  String.raw`quelle heure est[- ]il`,
  String.raw`qu[eé] hora es`,
  String.raw`che or[ae] (?:è|e|sono)`,
  String.raw`que horas s[ãa]o`,
  'hoe laat is het',
].join('|');
const LEAD = String.raw`(?:^|[.!?;:,¿]\s*|\b(?:and|so|also|then|please|me|you|know|ok|hi|hey|hello|und|et|y)[, ]\s*)`;
const ASKS = new RegExp(
  String.raw`${LEAD}(?:${CLOCK})(?:,? ${NOW})*(?:,? (?:in|à|a|en|em) (?<place>[^?!;]{1,80}?))?(?:,? ${NOW})*\s*[?.!]*$`,
  'iu',
);
const SPOKEN_PLACE_FIRST = /^(?:the )?(?<place>\p{Lu}[\p{L}.'’ -]{1,60}) (?:local )?time\s*(?:now)?\s*\?*$/u;

/** Whether the clock is asked about, and for which place; "what is the time limit …" and a word alone are not. */
export function asksTime(question: string): { readonly place?: string } | undefined {
  const match = ASKS.exec(question.trim()) ?? SPOKEN_PLACE_FIRST.exec(question.trim());
  if (!match) return undefined;
  const place = match.groups?.['place']?.trim();
  return place ? { place } : {};
}
