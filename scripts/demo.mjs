// The main job, seen from outside: documents go in, an agent answers with citations, uses a tool, and streams it.
// `npm run demo` leaves the server running; `npm run demo -- --once` ends with 0 if all went as it should.
import { parseArgs, styleText } from 'node:util';
import { buildIfStale } from './build.mjs';
import { Client } from './demo/client.mjs';
import { expectations } from './demo/expectations.mjs';
import { QUESTION, ask, checkedCitations, createAgent, ingestHandbook } from './demo/scenario.mjs';
import { startServer } from './demo/server.mjs';

const { values: options } = parseArgs({ options: { once: { type: 'boolean', default: false } } });
const heading = (text) => console.log(`\n${styleText('bold', text)}`);

async function tell(client) {
  heading('Documents in');
  const { collection, documents } = await ingestHandbook(client);
  for (const { title, status, chunkCount } of documents) console.log(`  ${title}: ${status}, ${chunkCount} chunks`);
  const agent = await createAgent(client, collection);
  console.log(`  agent ${agent.name} (${agent.id}), version ${agent.publishedVersion} published`);

  heading('Question');
  console.log(`  ${QUESTION}`);
  heading('Answer, as it streams in');
  process.stdout.write('  ');
  const asked = await ask(client, agent, QUESTION, (text) => process.stdout.write(text.replaceAll('\n', '\n  ')));
  console.log();
  const citations = await checkedCitations(client, asked.run.output?.citations ?? []);
  showCitations(citations);
  showTools(asked.tools);
  showRun(asked);
  return expectations({ documents, citations, ...asked });
}

function showCitations(citations) {
  heading('Citations');
  for (const { index, documentTitle, charStart, charEnd, quote, verbatim } of citations) {
    console.log(`  [${index}] ${documentTitle}, characters ${charStart}-${charEnd}${verbatim ? '' : ', NOT VERBATIM'}`);
    console.log(`      "${quote.replaceAll(/\s+/g, ' ')}"`);
  }
}

function showTools(tools) {
  heading('Tool calls');
  for (const { name, status, input, output } of tools) {
    console.log(`  ${name} ${status}: ${JSON.stringify(input)} -> ${JSON.stringify(output)}`);
  }
}

function showRun({ run, events }) {
  heading('Run');
  console.log(`  ${run.id} ${run.status}, ${events.length} events, model ${run.output?.data?.mode ?? 'configured'}`);
  console.log(`  usage ${JSON.stringify(run.usage)}`);
}

function judge(results) {
  heading('Checks');
  for (const [sentence, holds] of results) {
    console.log(`  ${holds ? styleText('green', 'ok') : styleText('red', 'FAILED')}  ${sentence}`);
  }
  return results.every(([, holds]) => holds);
}

async function main() {
  await buildIfStale();
  console.log('Starting the server on its embedded database …');
  const server = await startServer();
  const interrupted = new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, resolve);
  });
  try {
    const held = await Promise.race([tell(new Client(server.url)).then(judge), interrupted.then(() => false)]);
    if (!held) process.exitCode = 1;
    heading(`Swagger UI: ${server.url}/docs`);
    if (held && !options.once) {
      console.log('The server runs on; key gh_dev_local. Ctrl-C stops it and removes its data.');
      await interrupted;
    }
  } finally {
    await server.stop();
  }
}

await main().catch((error) => {
  console.error(styleText('red', error.message));
  process.exitCode = 1;
});
