const NEEDED = [24, 11] as const;

/** Ends the process with one sentence on a Node that is too old. To be called before anything else is imported. */
export function requireNode(version = process.versions.node): void {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])) return;
  const needed = NEEDED.join('.');
  process.stderr.write(`Guildhall needs Node ${needed} or newer and this is ${version}: start it with "npm start".\n`);
  process.exit(1);
}
