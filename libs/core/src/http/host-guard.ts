import type { IncomingMessage } from 'node:http';
import type { AppError } from '@guildhall/sdk';
import type { Settings } from '../config/settings.js';
import { Errors } from '../errors/errors.js';

const LOOPBACK = /^(?:localhost|127\.\d{1,3}\.\d{1,3}\.\d{1,3}|\[::1\])$/;
/** `name`, `1.2.3.4` or `[::1]`, with or without a port. */
const AUTHORITY = /^([A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::\d{0,5})?$/;
/** The kubelet and balancers call these by the address of the pod, which no operator knows before. */
const PROBE = /^\/health\/(?:live|ready|startup)(?:\?|$)/;

/**
 * Which names of this server requests may use. A web page can make a name of its own lead to 127.0.0.1, and a browser
 * then lets it read what a developer's server answers: only the name tells such a request from an honest one. Headers of
 * proxies do not count.
 */
export class HostGuard {
  private readonly names: ReadonlySet<string>;
  private readonly onLoopback: boolean;

  constructor({ HOST, ALLOWED_HOSTS }: Pick<Settings, 'HOST' | 'ALLOWED_HOSTS'>) {
    this.names = new Set(ALLOWED_HOSTS.map(plainName));
    this.onLoopback = LOOPBACK.test(HOST) || HOST === '::1';
  }

  /** Why the request is not answered; undefined if it is. */
  refusalOf(message: IncomingMessage): AppError | undefined {
    if (headerCount(message, 'host') > 1) return wrongHost('Send one Host header');
    if (!this.onLoopback && (this.names.size === 0 || PROBE.test(message.url ?? ''))) return undefined;
    const given = [message.headers.host ?? '', ...authorityOfTarget(message.url ?? '')];
    return given.every((authority) => this.isOurs(authority)) ? undefined : misdirected();
  }

  private isOurs(authority: string): boolean {
    const name = AUTHORITY.exec(authority)?.[1];
    if (name === undefined) return false;
    const plain = plainName(name);
    return this.names.has(plain) || (this.onLoopback && LOOPBACK.test(plain));
  }
}

/** `GET http://host/path`: of a target in this form, its host counts as well. */
function authorityOfTarget(target: string): string[] {
  const authority = /^[a-z][a-z0-9+.-]*:\/\/([^/?#]*)/i.exec(target)?.[1];
  return authority === undefined ? [] : [authority];
}

function headerCount({ rawHeaders }: IncomingMessage, name: string): number {
  return rawHeaders.filter((header, index) => index % 2 === 0 && header.toLowerCase() === name).length;
}

const plainName = (name: string): string => name.toLowerCase().replace(/\.$/, '');

const wrongHost = (message: string): AppError =>
  Errors.badRequest('The request does not say which host it is for', [
    { path: 'header.host', code: 'invalid_host', message },
  ]);

const misdirected = (): AppError =>
  Errors.forbidden('This server is not called so: the operator names its hosts in ALLOWED_HOSTS', 'host_not_allowed');
