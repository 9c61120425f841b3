import { median } from './load.mjs';

/** Tokens that `long` streams more than `text`. */
const EXTRA_TOKENS = 184;

/** Prints each target that the results speak of; false when one is missed or a call of ours failed. */
export function compare(results) {
  const figure = (peer, cell, field) => {
    const rounds = results.peers[peer]?.cells[cell];
    return rounds && median(rounds.map((round) => round[field]));
  };
  const cpu = (peer, cell) => figure(peer, cell, 'cpuMs');
  const perToken = (peer) => (cpu(peer, 'long+s:16') - cpu(peer, 'text+s:16')) / EXTRA_TOKENS;
  const added = (peer) => figure(peer, 'text:1', 'p50') - figure('direct', 'text:1', 'p50');
  const targets = [
    ['CPU of a gateway call / bare Nest', cpu('guildhall-gateway', 'text:16') / cpu('nest', 'text:16'), 2],
    ['CPU of a gateway call / Portkey', cpu('guildhall-gateway', 'text:16') / cpu('portkey', 'text:16')],
    ['CPU of a failover / Portkey', cpu('guildhall-failover', 'text:16') / cpu('portkey-fallback', 'text:16'), 0.3],
    ['CPU of a streamed token / bare Nest', perToken('guildhall-gateway') / perToken('nest'), 3],
    ['p50 a gateway call adds at one connection, ms', added('guildhall-gateway'), 1],
    ['CPU of a durable run / bare Nest', cpu('guildhall', 'text:16') / cpu('nest', 'text:16'), 5],
    ["CPU of a durable run / VoltAgent's in memory", cpu('guildhall', 'text:16') / cpu('voltagent', 'text:16'), 0.3],
    ["CPU of a tool run / VoltAgent's in memory", cpu('guildhall', 'tool:16') / cpu('voltagent', 'tool:16'), 0.35],
    ['p50 a durable run adds at one connection, ms', added('guildhall'), results.mockOpts ? 3 : undefined],
  ];
  console.log(`\n| ${results.mockOpts || 'model at once'} | measured | at most | |\n|---|---|---|---|`);
  const known = targets.filter(([, value]) => Number.isFinite(value));
  for (const [what, value, most] of known) {
    const verdict = most === undefined ? '' : value <= most ? 'met' : 'MISSED';
    console.log(`| ${what} | ${value.toFixed(2)} | ${most ?? '-'} | ${verdict} |`);
  }
  const failures = Object.entries(results.peers).flatMap(([peer, { cells }]) =>
    Object.entries(cells).flatMap(([cell, rounds]) => {
      const count = rounds.reduce((sum, { bad }) => sum + bad, 0);
      return count > 0 ? [{ peer, cell, count, first: rounds.find(({ firstBad }) => firstBad)?.firstBad }] : [];
    }),
  );
  for (const { peer, cell, count, first } of failures) console.log(`${count} errors of ${peer} in ${cell}: ${first}`);
  const ownFailures = failures.some(({ peer }) => peer.startsWith('guildhall'));
  return !ownFailures && known.every(([, value, most]) => most === undefined || value <= most);
}
