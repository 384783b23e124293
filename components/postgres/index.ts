export { Postgres } from "./postgres";
export { postgresSchema, type PostgresArgs, type PostgresSettings } from "./args";
export { checkPostgres, type PostgresPlain } from "./rules";
