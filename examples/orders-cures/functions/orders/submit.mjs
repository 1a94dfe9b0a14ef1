// POST /orders with a queue: the client waits until the order is safely in it.
import { SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";
import { count } from "./metrics.mjs";
import { newOrderId } from "./order-id.mjs";
import { readOrder } from "./order.mjs";
import { pack } from "./packing.mjs";
import { reply } from "./reply.mjs";

const queue = new SQSClient({});

export async function handler(event) {
  const started = performance.now();
  const { order, problem } = readOrder(event);
  if (problem) return reply(400, { message: problem });
  const id = newOrderId(Date.now());
  await queue.send(new SendMessageCommand({ QueueUrl: process.env.ORDERS_QUEUE_URL, ...(await pack({ id, ...order })) }));
  await count("SubmitOrder", 1, performance.now() - started);
  return reply(202, { id, status: "queued" }, { location: `/orders/${id}` });
}
