import type { FastifyInstance } from 'fastify';
import type { Settings } from '../config/settings.js';
import { PUBLIC_ROUTE } from '../security/access.decorators.js';
import { VERSION } from '../version.js';

/** What a browser finds at `/`: what this is, and where to go on. Of a server without docs a stranger learns no version. */
export function installFrontPage(fastify: FastifyInstance, { DOCS_ENABLED }: Pick<Settings, 'DOCS_ENABLED'>): void {
  const page = frontPage(DOCS_ENABLED);
  fastify.get('/', { config: { [PUBLIC_ROUTE]: true } as never }, (_request, reply) => {
    reply.type('text/html; charset=utf-8').send(page);
  });
}

const WITH_DOCS = `<p>Version ${VERSION}</p>
<ul>
<li><a href="docs">docs</a>: the API, to read and to try</li>
<li><a href="openapi.json">openapi.json</a>: the same for generators of clients</li>
<li><a href="health">health</a>: how this server is</li>
</ul>`;

const WITHOUT_DOCS = `<p>The API is under <code>/api/v1</code> and wants a key. Its documentation is not served here: every server
in development has it at <code>/docs</code>, and an operator opens it with <code>DOCS_ENABLED=true</code>.</p>
<ul>
<li><a href="health/ready">health/ready</a>: whether this server takes requests</li>
</ul>`;

/** Addresses are relative: a proxy may serve this under a path. */
function frontPage(docs: boolean): string {
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="icon" href="data:,">
<title>Guildhall</title>
<style>body{font:1rem/1.6 system-ui,sans-serif;max-width:38rem;margin:4rem auto;padding:0 1rem;color-scheme:light dark}</style>
</head>
<body>
<h1>Guildhall</h1>
<p>AI agents as a service: agents, workers and tools under one roof, behind one versioned REST API.</p>
${docs ? WITH_DOCS : WITHOUT_DOCS}
</body>
</html>
`;
}
