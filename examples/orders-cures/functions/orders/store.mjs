// Stores the orders of a batch from the queue. With a batch of one a failure fails the batch, and all is said; with more, the orders that
// cannot be read or stored are named in the reply (the template asks for ReportBatchItemFailures then) and come again alone.
import { storeOrders } from "./database.mjs";
import { count } from "./metrics.mjs";
import { unpack } from "./packing.mjs";

export async function handler(event) {
  const started = performance.now();
  const failed = [];
  const orders = [];
  for (const record of event.Records) {
    try {
      orders.push({ messageId: record.messageId, order: await unpack(record) });
    } catch (error) {
      fail(record.messageId, error, event, failed);
    }
  }
  await storeAll(orders, event, failed);
  await count("StoreOrders", orders.length, performance.now() - started);
  return { batchItemFailures: failed.map((itemIdentifier) => ({ itemIdentifier })) };
}

// All in one statement; if the database refuses that, one by one, to find what it is.
async function storeAll(orders, event, failed) {
  if (orders.length === 0) return;
  try {
    return await storeOrders(orders.map(({ order }) => order));
  } catch (error) {
    if (orders.length === 1) return fail(orders[0].messageId, error, event, failed);
    console.error(`a batch of ${orders.length} was refused: ${error.message}`);
  }
  for (const { messageId, order } of orders) {
    try {
      await storeOrders([order]);
    } catch (error) {
      fail(messageId, error, event, failed);
    }
  }
}

function fail(messageId, error, event, failed) {
  if (event.Records.length === 1) throw error;
  console.error(`message ${messageId} was not stored: ${error.message}`);
  failed.push(messageId);
}
