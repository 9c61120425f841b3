import pg from 'pg';
import { createClient } from 'redis';

/** Everything that is stored, row by row, as text. */
export async function everyRow(databaseUrl: string): Promise<Readonly<Record<string, string>>> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    const tables = await client.query<{ name: string }>(
      `SELECT format('%I.%I', schemaname, tablename) AS name FROM pg_tables
       WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    );
    const texts: Record<string, string> = {};
    for (const { name } of tables.rows) {
      const { rows } = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
      texts[name] = rows.map(({ row }) => row).join('\n');
    }
    return texts;
  } finally {
    await client.end();
  }
}

/** Every key of Redis and what it holds, as it would leave the server. */
export async function everyKey(redisUrl: string): Promise<string> {
  const client = createClient({ url: redisUrl });
  await client.connect();
  try {
    const texts: string[] = [];
    for await (const keys of client.scanIterator()) {
      for (const key of keys) texts.push(key, (await client.sendCommand(['DUMP', key]))?.toString() ?? '');
    }
    return texts.join('\n');
  } finally {
    client.destroy();
  }
}

/** A user of its own whose password is `password`, in the address. */
export async function redisUser(redisUrl: string, password: string): Promise<string> {
  const client = createClient({ url: redisUrl });
  await client.connect();
  await client.sendCommand(['ACL', 'SETUSER', 'kanari', 'on', `>${password}`, '~*', '&*', '+@all']);
  client.destroy();
  const url = new URL(redisUrl);
  url.username = 'kanari';
  url.password = password;
  return url.href;
}
