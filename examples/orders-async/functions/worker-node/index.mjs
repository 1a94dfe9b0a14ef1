// Stores the orders of a batch from the queue: one statement for all of them, over the one connection of this environment. Orders that
// cannot be stored are named in the reply and come again; storing an order twice changes nothing, for a queue may deliver twice.
import { gunzipSync } from "node:zlib";
import { database, forgetDatabase } from "./database.mjs";
import { countBatch } from "./metrics.mjs";

const INSERT_ORDERS = `
  INSERT INTO orders (id, customer, items, amount_cents, status)
  SELECT id, customer, items, amount_cents, 'placed'
  FROM jsonb_to_recordset($1::jsonb) AS batch (id uuid, customer text, items jsonb, amount_cents bigint)
  ON CONFLICT (id) DO NOTHING`;

const MAX_UNPACKED_BYTES = 4 * 1024 * 1024;

export async function handler(event) {
  const started = performance.now();
  const failed = new Set();
  const orders = [];
  for (const record of event.Records) {
    try {
      orders.push({ messageId: record.messageId, order: unpack(record) });
    } catch (error) {
      console.error(`message ${record.messageId} is no order: ${error.message}`);
      failed.add(record.messageId);
    }
  }
  if (orders.length > 0) await storeAll(orders, failed);
  countBatch("StoreOrders", event.Records.length - failed.size, failed.size, performance.now() - started);
  return { batchItemFailures: [...failed].map((itemIdentifier) => ({ itemIdentifier })) };
}

function unpack(record) {
  const packed = record.messageAttributes["content-encoding"]?.stringValue === "gzip";
  const text = packed
    ? gunzipSync(Buffer.from(record.body, "base64"), { maxOutputLength: MAX_UNPACKED_BYTES }).toString()
    : record.body;
  const { id, customer, items, amount_cents } = JSON.parse(text);
  if ([id, customer, items, amount_cents].includes(undefined)) throw new Error("a member is missing");
  return { id, customer, items, amount_cents };
}

// All at once; if the database refuses something in the batch, one by one, to find what it is.
async function storeAll(orders, failed) {
  try {
    return await store(orders);
  } catch (error) {
    console.error(`a batch of ${orders.length} was refused: ${error.message}`);
  }
  for (const each of orders) {
    try {
      await store([each]);
    } catch (error) {
      console.error(`message ${each.messageId} was refused: ${error.message}`);
      failed.add(each.messageId);
    }
  }
}

async function store(orders) {
  try {
    await (await database()).query(INSERT_ORDERS, [JSON.stringify(orders.map(({ order }) => order))]);
  } catch (error) {
    if (!isRefusal(error)) forgetDatabase();  // the connection broke or could not be made: the next try makes a new one
    throw error;
  }
}

// The server's word about a statement (SQLSTATE of data and constraints), not about the connection.
function isRefusal(error) {
  return /^2[23]/.test(error.code ?? "");
}
