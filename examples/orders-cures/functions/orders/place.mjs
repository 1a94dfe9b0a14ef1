// POST /orders without a queue: the client waits until the order is stored.
import { storeOrders } from "./database.mjs";
import { count } from "./metrics.mjs";
import { newOrderId } from "./order-id.mjs";
import { readOrder } from "./order.mjs";
import { reply } from "./reply.mjs";

export async function handler(event) {
  const started = performance.now();
  const { order, problem } = readOrder(event);
  if (problem) return reply(400, { message: problem });
  const id = newOrderId(Date.now());
  await storeOrders([{ id, ...order }]);
  await count("PlaceOrder", 1, performance.now() - started);
  return reply(201, { id, status: "placed" }, { location: `/orders/${id}` });
}
