import { createServer } from 'node:http';

const WORDS = 'the quick brown fox jumps over a lazy dog while seven wizards quietly measure every token'.split(' ');
const usage = { prompt_tokens: 20, completion_tokens: WORDS.length, total_tokens: 20 + WORDS.length };
const whole = JSON.stringify({
  id: 'chatcmpl-1',
  object: 'chat.completion',
  created: 1,
  model: 'scripted',
  choices: [{ index: 0, message: { role: 'assistant', content: WORDS.join(' ') }, finish_reason: 'stop' }],
  usage,
});
const event = (fields) =>
  `data: ${JSON.stringify({ id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 1, model: 'scripted', ...fields })}\n\n`;
const chunk = (delta, finish_reason = null) => event({ choices: [{ index: 0, delta, finish_reason }] });

function burst(tokens) {
  const words = Array.from({ length: tokens }, (_, index) => chunk({ content: ` ${WORDS[index % WORDS.length]}` }));
  const end = [chunk({}, 'stop'), event({ choices: [], usage }), 'data: [DONE]\n\n'];
  return [chunk({ role: 'assistant', content: '' }), ...words, ...end].join('');
}

/**
 * An OpenAI-compatible model that costs next to nothing: every answer is made beforehand, and a stream leaves in one
 * write, so that what a server spends on a token is its own. A model called `down` answers 503; `delayMs` makes each
 * answer come that late.
 */
export async function startScriptedModel({ tokens, delayMs = 0 }) {
  const stream = burst(tokens);
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (piece) => (body += piece));
    request.on('end', () => {
      if (body.includes('"model":"down"')) return response.writeHead(503).end('{}');
      const streamed = body.includes('"stream":true');
      const answer = () => {
        response.writeHead(200, { 'content-type': streamed ? 'text/event-stream' : 'application/json' });
        response.end(streamed ? stream : whole);
      };
      if (delayMs === 0) answer();
      else setTimeout(answer, delayMs);
    });
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { baseUrl: `http://127.0.0.1:${server.address().port}/v1`, stop: () => server.close() };
}
