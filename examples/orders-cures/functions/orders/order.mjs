// What an order must look like before anything else is done with it.
const MAX_ITEMS = 5_000;
const MAX_QUANTITY = 1_000;
const MAX_UNIT_PRICE_CENTS = 100_000_000;

// The order in the body of an HTTP API event, or the first problem with it, for the client to read.
export function readOrder(event) {
  let body;
  try {
    const text = event.isBase64Encoded ? Buffer.from(event.body ?? "", "base64").toString() : event.body;
    body = JSON.parse(text);
  } catch {
    return { problem: "the body is not JSON" };
  }
  if (typeof body !== "object" || body === null || Array.isArray(body)) return { problem: "the body is not a JSON object" };
  if (!isText(body.customer, 200)) return { problem: "customer must be a text of 1 to 200 characters" };
  if (!Array.isArray(body.items) || body.items.length < 1 || body.items.length > MAX_ITEMS) {
    return { problem: `items must be a list of 1 to ${MAX_ITEMS} items` };
  }
  const items = [];
  for (const [index, item] of body.items.entries()) {
    const problem = problemOf(item);
    if (problem) return { problem: `items[${index}]${problem}` };
    items.push({ sku: item.sku, quantity: item.quantity, unit_price_cents: item.unit_price_cents });
  }
  const amount_cents = items.reduce((sum, item) => sum + item.quantity * item.unit_price_cents, 0);
  return { order: { customer: body.customer, items, amount_cents } };
}

function problemOf(item) {
  if (typeof item !== "object" || item === null) return " must be an object";
  if (!isText(item.sku, 64)) return ".sku must be a text of 1 to 64 characters";
  if (!isWhole(item.quantity, 1, MAX_QUANTITY)) return `.quantity must be a whole number from 1 to ${MAX_QUANTITY}`;
  if (!isWhole(item.unit_price_cents, 0, MAX_UNIT_PRICE_CENTS)) {
    return `.unit_price_cents must be a whole number from 0 to ${MAX_UNIT_PRICE_CENTS}`;
  }
  return undefined;
}

// Printable text: PostgreSQL stores neither the character NUL nor half a surrogate pair.
function isText(value, maxLength) {
  return typeof value === "string" && value.length >= 1 && value.length <= maxLength && !/[\p{Cc}\p{Cs}]/u.test(value);
}

function isWhole(value, least, most) {
  return Number.isInteger(value) && value >= least && value <= most;
}
