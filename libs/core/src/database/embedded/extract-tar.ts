import { type FileHandle, mkdir, open, writeFile } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';

const BLOCK = 512;
const DIRECTORY = '5';
const FILES = new Set(['0', '\0']);

/**
 * Unpacks a plain tar file, one entry in memory at a time; owners and modes are not restored. Refuses entries that lead
 * out of the folder.
 */
export async function extractTar(file: string, directory: string): Promise<void> {
  const tar = await open(file);
  try {
    let at = 0;
    for (let entry = readHeader(await read(tar, at, BLOCK)); entry; entry = readHeader(await read(tar, at, BLOCK))) {
      const target = inside(directory, entry.name);
      if (entry.type === DIRECTORY) await mkdir(target, { recursive: true });
      else if (FILES.has(entry.type)) {
        await mkdir(dirname(target), { recursive: true });
        await writeFile(target, await read(tar, at + BLOCK, entry.size));
      } else throw new Error(`The dump holds an entry of an unknown kind: ${entry.name}`);
      at += BLOCK + Math.ceil(entry.size / BLOCK) * BLOCK;
    }
  } finally {
    await tar.close();
  }
}

async function read(tar: FileHandle, position: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length);
  for (let filled = 0; filled < length;) {
    const { bytesRead } = await tar.read(buffer, filled, length - filled, position + filled);
    if (bytesRead === 0) throw new Error('The dump of the embedded database is cut short; build it again');
    filled += bytesRead;
  }
  return buffer;
}

/** Undefined at the end, which is a block of zeros. */
function readHeader(header: Buffer) {
  const text = (from: number, to: number) => header.toString('utf8', from, to).replace(/\0.*$/s, '');
  const octal = (from: number, to: number) => parseInt(text(from, to).trim() || '0', 8);
  const name = text(0, 100);
  if (name === '') return undefined;
  const prefix = text(345, 500);
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    size: octal(124, 136),
    type: header.toString('latin1', 156, 157),
  };
}

function inside(directory: string, name: string): string {
  const root = resolve(directory);
  const target = join(root, name);
  if (target !== root && !target.startsWith(root + sep)) throw new Error(`The dump leads out of its folder: ${name}`);
  return target;
}
