// Orders in the database. Without cures every use reads the secret and makes a connection of its own; with them both are made once in
// the life of an environment, and made anew when they broke.
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import pg from "pg";
import { cachesSecret, reusesConnection } from "./cures.mjs";

const secrets = new SecretsManagerClient({});

// The lock makes two first writers take turns: CREATE TABLE IF NOT EXISTS alone lets one of them fail.
const CREATE_TABLE = `
  SELECT pg_advisory_xact_lock(hashtext('create table orders'));
  CREATE TABLE IF NOT EXISTS orders (
    id uuid PRIMARY KEY,
    customer text NOT NULL,
    items jsonb NOT NULL,
    amount_cents bigint NOT NULL,
    status text NOT NULL,
    created_at timestamptz(3) NOT NULL DEFAULT now()
  )`;
const INSERT_ORDERS = `
  INSERT INTO orders (id, customer, items, amount_cents, status)
  SELECT id, customer, items, amount_cents, 'placed'
  FROM jsonb_to_recordset($1::jsonb) AS batch (id uuid, customer text, items jsonb, amount_cents bigint)
  ON CONFLICT (id) DO NOTHING`;
const UNDEFINED_TABLE = "42P01";

let cachedSecret;
let kept;

// Stores all of them in one statement; an order that is there already is left as it is.
export async function storeOrders(orders) {
  const credentials = await readSecret();
  const connection = await open(credentials);
  try {
    await insert(connection, orders);
  } catch (error) {
    if (!isRefusal(error)) forget(connection);  // the connection broke: the next use makes a new one
    throw error;
  } finally {
    if (!reusesConnection) await connection.end();
  }
}

async function readSecret() {
  if (cachesSecret && cachedSecret) return cachedSecret;
  const secret = await secrets.send(new GetSecretValueCommand({ SecretId: process.env.DATABASE_SECRET_ID }));
  cachedSecret = JSON.parse(secret.SecretString);
  return cachedSecret;
}

async function open({ username, password }) {
  if (kept) return kept;
  const connection = new pg.Client({
    host: process.env.DATABASE_HOST,
    port: Number(process.env.DATABASE_PORT),
    database: process.env.DATABASE_NAME,
    user: username,
    password,
  });
  connection.on("error", (error) => {
    console.error("the database connection broke:", error.message);
    forget(connection);
  });
  await connection.connect();
  if (reusesConnection) kept = connection;
  return connection;
}

function forget(connection) {
  if (kept !== connection) return;
  kept = undefined;
  connection.end().catch(() => {});
}

async function insert(connection, orders) {
  const batch = [JSON.stringify(orders)];
  try {
    await connection.query(INSERT_ORDERS, batch);
  } catch (error) {
    if (error.code !== UNDEFINED_TABLE) throw error;
    await connection.query(CREATE_TABLE);
    await connection.query(INSERT_ORDERS, batch);
  }
}

// The server's word about a statement (SQLSTATE of data and constraints), not about the connection.
function isRefusal(error) {
  return /^2[23]/.test(error.code ?? "");
}
