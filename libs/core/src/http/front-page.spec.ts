import { fastify } from 'fastify';
import { VERSION } from '../version.js';
import { installFrontPage } from './front-page.js';

describe('the page at /', () => {
  const ask = async (DOCS_ENABLED: boolean) => {
    const app = fastify();
    installFrontPage(app, { DOCS_ENABLED });
    const { statusCode, headers, body } = await app.inject('/');
    await app.close();
    return { statusCode, type: headers['content-type'], body, links: body.match(/(?<=<a href=")[^"]+/g) };
  };

  it('says what this is, its version, and where to go on', async () => {
    const page = await ask(true);
    expect(page).toMatchObject({ statusCode: 200, type: 'text/html; charset=utf-8' });
    expect(page.body).toContain('<title>Guildhall</title>');
    expect(page.body).toContain(`Version ${VERSION}`);
    expect(page.links).toEqual(['docs', 'openapi.json', 'health']);
  });

  it('says where the docs are on a server without them, and tells a stranger no version', async () => {
    const { body, links } = await ask(false);
    expect(body).toContain('DOCS_ENABLED=true');
    expect(body).not.toContain(VERSION);
    expect(links).toEqual(['health/ready']);
  });

  it('is made of nothing that the content security policy refuses', async () => {
    for (const docs of [true, false])
      expect((await ask(docs)).body).not.toMatch(/<script|javascript:|https?:|\son\w+=/);
  });
});
