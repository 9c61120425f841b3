/** The Postgres schema that pg-boss keeps its tables in. */
export const JOB_SCHEMA = 'pgboss';

/** The version of that schema which the migrations make; pg-boss names it in its package.json. */
export const JOB_SCHEMA_VERSION = 46;
