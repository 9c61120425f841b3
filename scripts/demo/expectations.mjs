/** What must be true of the demo's run: a list of sentences, each with whether it holds. */
export function expectations({ documents, events, run, tools, citations }) {
  const streamed = events.filter(({ type }) => type === 'message.delta').map(({ payload }) => payload.text);
  const completed = events.findLast(({ type }) => type === 'message.completed');
  return [
    ['every document is ready', documents.every(({ status }) => status === 'ready')],
    ['the events are numbered from 1 without a gap', events.every(({ seq }, i) => seq === i + 1)],
    ['the last event is run.succeeded', events.at(-1)?.type === 'run.succeeded' && run.status === 'succeeded'],
    ['the streamed pieces joined are the message', streamed.join('') === completed?.payload.text],
    ['the answer says 30 days', /\b30 days\b/.test(run.output?.text ?? '')],
    ['the answer says 36', /\b36\b/.test(run.output?.text ?? '')],
    ['the calculator was called and answered 36', tools.some(isCalculator36)],
    ['the answer cites the handbook', citations.length > 0],
    ['every quote is the text of its document at its offsets', citations.every(({ verbatim }) => verbatim)],
  ];
}

function isCalculator36({ name, status, output }) {
  return name === 'calculator' && status === 'succeeded' && /\b36\b/.test(JSON.stringify(output));
}
