/**
 * English words that say nothing about what a text is about, question words and the phrases that ask included. Words of
 * other languages are weighed by their rarity alone.
 */
export const STOP_WORDS: ReadonlySet<string> = new Set(
  (
    'a about above after again all also am an and any are as at be because been before being below between both but by ' +
    'can could did do does doing done down during each else ever few for from further get got had has have having he ' +
    'her here hers him his how i if in into is it its itself just let like ll may me might more most much must my no ' +
    'nor not now of off on once one only or other our ours out over own per please re s same shall she should so some ' +
    'such t than that the their theirs them then there these they this those through to too under until up us ve very ' +
    'was we were what whats when where whether which while who whom whose why will with within without would you your ' +
    'yours tell show give explain describe say says know mean means according exactly many want need take takes took taken make makes made go goes come comes happen happens'
  ).split(' '),
);

/** "How long", "how old": the second word asks, it names nothing. */
export const MEASURE_WORDS: ReadonlySet<string> = new Set(
  'long old far often big large soon fast high tall'.split(' '),
);
