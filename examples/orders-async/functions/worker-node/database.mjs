// The connection of this environment: made with its first use, kept between invocations, made anew when it broke. The secret is read
// with it, and so as rarely.
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import pg from "pg";

const secrets = new SecretsManagerClient({});

// The lock makes two first environments take turns: CREATE TABLE IF NOT EXISTS alone lets one of them fail.
const CREATE_TABLE = `
  BEGIN;
  SELECT pg_advisory_xact_lock(hashtext('create table orders'));
  CREATE TABLE IF NOT EXISTS orders (
    id uuid PRIMARY KEY,
    customer text NOT NULL,
    items jsonb NOT NULL,
    amount_cents bigint NOT NULL,
    status text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now()
  );
  COMMIT`;

let connection;

export function database() {
  connection ??= connect().catch((error) => {
    connection = undefined;
    throw error;
  });
  return connection;
}

export function forgetDatabase() {
  const broken = connection;
  connection = undefined;
  broken?.then((client) => client.end()).catch(() => {});
}

async function connect() {
  const secret = await secrets.send(new GetSecretValueCommand({ SecretId: process.env.DATABASE_SECRET_ID }));
  const { username, password } = JSON.parse(secret.SecretString);
  const client = new pg.Client({
    host: process.env.DATABASE_HOST,
    port: Number(process.env.DATABASE_PORT),
    database: process.env.DATABASE_NAME,
    user: username,
    password,
    connectionTimeoutMillis: 3_000,
    statement_timeout: 5_000,
    // pg knows no "prefer": it must be told whether the server speaks TLS.
    ssl: process.env.PGSSLMODE === "require" ? { rejectUnauthorized: false } : false,
  });
  client.on("error", (error) => {
    console.error("the database connection broke:", error.message);
    forgetDatabase();
  });
  await client.connect();
  await client.query(CREATE_TABLE);
  return client;
}
