export interface StartingSecrets {
  readonly apiKey: string;
  /** 32 bytes, base64. */
  readonly encryptionKey: string;
  readonly databasePassword: string;
}

/** The text of a first `.env`: what must be secret is filled in, what most people set next stands ready as a comment. */
export function startingSettings({ apiKey, encryptionKey, databasePassword }: StartingSecrets): string {
  return `# Settings of Guildhall, made by "guildhall init". The environment wins over this file.
# It holds secrets: keep it out of version control and give nobody else read access.
# docs/settings.md explains every name; "guildhall config print" shows what is in force.

# The administrator's key. Clients send it as "Authorization: Bearer <key>".
BOOTSTRAP_API_KEY=${apiKey}

# Seals the secrets that are stored. Keep a copy apart from the database: without it they cannot be opened again.
ENCRYPTION_KEY=${encryptionKey}

# A model to answer with: the key of a vendor, or the address of anything that speaks OpenAI's protocol.
# Without one the built-in provider answers with sentences of your documents.
#OPENAI_API_KEY=
#ANTHROPIC_API_KEY=
#GOOGLE_API_KEY=
#LOCAL_LLM_BASE_URL=http://127.0.0.1:11434/v1

# Without a DATABASE_URL, Postgres runs inside the process and keeps its files in DATA_DIR.
#DATABASE_URL=postgres://guildhall:password@127.0.0.1:5432/guildhall
#REDIS_URL=redis://127.0.0.1:6379
#DATA_DIR=./.data

#PORT=8000
#LOG_LEVEL=info

# Read by compose.yaml alone: the password of the Postgres that it starts.
POSTGRES_PASSWORD=${databasePassword}
`;
}
