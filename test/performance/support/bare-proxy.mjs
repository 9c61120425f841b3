// The floor that `gateway.mjs` compares with: Nest on Fastify, one route that posts its body on and answers what comes.
import 'reflect-metadata';
import { Body, Controller, Get, HttpCode, Module, Post, Res } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import { Agent, request } from 'undici';

const dispatcher = new Agent({ connections: 100 });
const headers = { 'content-type': 'application/json', authorization: 'Bearer none' };

class ProxyController {
  health() {
    return { ok: true };
  }

  async chat(body, reply) {
    const answer = await request(`${process.env.UPSTREAM}/chat/completions`, {
      dispatcher,
      method: 'POST',
      headers,
      body: JSON.stringify(body),
    });
    reply.header('content-type', answer.headers['content-type']);
    return body.stream ? reply.send(answer.body) : reply.send(await answer.body.text());
  }
}
const { prototype } = ProxyController;
const describe = (name) => Object.getOwnPropertyDescriptor(prototype, name);
Get('/health')(prototype, 'health', describe('health'));
Body()(prototype, 'chat', 0);
Res()(prototype, 'chat', 1);
HttpCode(200)(prototype, 'chat', describe('chat'));
Post('/v1/chat/completions')(prototype, 'chat', describe('chat'));
Controller()(ProxyController);

class ProxyModule {}
Module({ controllers: [ProxyController] })(ProxyModule);

const app = await NestFactory.create(ProxyModule, new FastifyAdapter({ logger: false }), { logger: false });
await app.listen(Number(process.env.PORT), '127.0.0.1');
process.on('SIGTERM', () => process.exit(0));
