// POST /orders: stores an order and answers it. Written the simple way on purpose; README.md tells what that costs.
import { randomUUID } from "node:crypto";
import { CloudWatchClient, PutMetricDataCommand } from "@aws-sdk/client-cloudwatch";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import pg from "pg";
import { readOrder } from "./order.mjs";

const secrets = new SecretsManagerClient({});
const metrics = new CloudWatchClient({});

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
const INSERT_ORDER = `
  INSERT INTO orders (id, customer, items, amount_cents, status) VALUES ($1, $2, $3, $4, $5)
  RETURNING created_at`;
const UNDEFINED_TABLE = "42P01";

export async function handler(event) {
  const started = performance.now();
  const { order, problem } = readOrder(event);
  if (problem) return reply(400, { message: problem });

  const placed = { id: randomUUID(), ...order, status: "placed" };
  const database = await connect();
  try {
    placed.created_at = await store(database, placed);
  } finally {
    await database.end();
  }

  await countRequest("CreateOrder", performance.now() - started);
  return reply(201, placed, { location: `/orders/${placed.id}` });
}

async function connect() {
  const secret = await secrets.send(new GetSecretValueCommand({ SecretId: process.env.DATABASE_SECRET_ID }));
  const { username, password } = JSON.parse(secret.SecretString);
  const database = new pg.Client({
    host: process.env.DATABASE_HOST,
    port: Number(process.env.DATABASE_PORT),
    database: process.env.DATABASE_NAME,
    user: username,
    password,
    // pg knows no "prefer": it must be told whether the server speaks TLS.
    ssl: process.env.PGSSLMODE === "require" ? { rejectUnauthorized: false } : false,
  });
  database.on("error", (error) => console.error("the database connection broke:", error.message));
  await database.connect();
  return database;
}

async function store(database, order) {
  const values = [order.id, order.customer, JSON.stringify(order.items), order.amount_cents, order.status];
  try {
    return (await database.query(INSERT_ORDER, values)).rows[0].created_at;
  } catch (error) {
    if (error.code !== UNDEFINED_TABLE) throw error;
    await database.query(CREATE_TABLE);
    return (await database.query(INSERT_ORDER, values)).rows[0].created_at;
  }
}

async function countRequest(operation, milliseconds) {
  const Dimensions = [{ Name: "Operation", Value: operation }];
  await metrics.send(new PutMetricDataCommand({
    Namespace: process.env.METRICS_NAMESPACE,
    MetricData: [
      { MetricName: "Requests", Dimensions, Unit: "Count", Value: 1 },
      { MetricName: "Duration", Dimensions, Unit: "Milliseconds", Value: milliseconds },
    ],
  }));
}

function reply(statusCode, body, headers = {}) {
  return { statusCode, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}
