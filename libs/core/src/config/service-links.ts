import { isIP } from 'node:net';

type Values = Readonly<Record<string, string | undefined>>;

const LINK = /^(?:tcp|udp|sctp):\/\/\S+:\d+$/;
const PORT_DETAIL = /_PORT_\d+_(?:TCP|UDP|SCTP)(?:_(?:PROTO|PORT|ADDR))?$/;
const SERVICE = /^(.+)_SERVICE_(?:(HOST)|PORT(?:_.+)?)$/;

/**
 * The environment without what Kubernetes and Docker add for every Service beside a pod: one named `guildhall` or
 * `worker` sets `GUILDHALL_PORT` or `WORKER_PORT`, to an address that nobody gave as a setting.
 */
export function withoutServiceLinks(values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => !isServiceLink(name, value ?? '', values)),
  );
}

function isServiceLink(name: string, value: string, values: Values): boolean {
  if (PORT_DETAIL.test(name)) return true;
  if (name.endsWith('_PORT') && LINK.test(value)) return true;
  const [, service, host] = SERVICE.exec(name) ?? [];
  if (service === undefined) return false;
  const fits = host === undefined ? /^\d+$/.test(value) : isIP(value) !== 0;
  // A plugin's setting may be called so: it counts as a link only beside the Service's own.
  return fits && (LINK.test(values[`${service}_PORT`] ?? '') || /^GUILDHALL(_|$)/.test(service));
}
