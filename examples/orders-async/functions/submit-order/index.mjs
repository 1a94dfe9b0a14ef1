// POST /orders: puts an order into the queue and answers 202 with its id. It knows nothing of the database: it is as fast and as
// available as the queue.
import { promisify } from "node:util";
import { gzip } from "node:zlib";
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { newOrderId } from "./order-id.mjs";
import { countRequest } from "./metrics.mjs";
import { readOrder } from "./order.mjs";

const queue = new SQSClient({});
const compress = promisify(gzip);

// A message may have 1 MiB, but is paid for in pieces of 64 KB: beyond the first it is worth the processor's time to pack it.
const UNPACKED_BYTES = 64 * 1024;

export async function handler(event) {
  const started = performance.now();
  const { order, problem } = readOrder(event);
  if (problem) return reply(400, { message: problem });

  const id = newOrderId(Date.now());
  await queue.send(new SendMessageCommand({
    QueueUrl: process.env.ORDERS_QUEUE_URL,
    ...(await pack({ id, ...order })),
  }));

  countRequest("SubmitOrder", performance.now() - started);
  return reply(202, { id, status: "queued" }, { location: `/orders/${id}` });
}

async function pack(order) {
  const text = JSON.stringify(order);
  if (Buffer.byteLength(text) <= UNPACKED_BYTES) return { MessageBody: text };
  const packed = await compress(text);
  return {
    MessageBody: packed.toString("base64"),
    MessageAttributes: { "content-encoding": { DataType: "String", StringValue: "gzip" } },
  };
}

function reply(statusCode, body, headers = {}) {
  return { statusCode, headers: { "content-type": "application/json", ...headers }, body: JSON.stringify(body) };
}
