// Orders as messages. A message is paid for in pieces of 64 KB: beyond the first it is worth the processor's time to pack it.
import { promisify } from "node:util";
import { gunzip, gzip } from "node:zlib";
import { compresses } from "./cures.mjs";

const UNPACKED_BYTES = 64 * 1024;
const MAX_UNPACKED_BYTES = 4 * 1024 * 1024;
const compress = promisify(gzip);
const decompress = promisify(gunzip);

export async function pack(order) {
  const text = JSON.stringify(order);
  if (!compresses || Buffer.byteLength(text) <= UNPACKED_BYTES) return { MessageBody: text };
  return {
    MessageBody: (await compress(text)).toString("base64"),
    MessageAttributes: { "content-encoding": { DataType: "String", StringValue: "gzip" } },
  };
}

export async function unpack(record) {
  const isPacked = record.messageAttributes["content-encoding"]?.stringValue === "gzip";
  const text = isPacked
    ? (await decompress(Buffer.from(record.body, "base64"), { maxOutputLength: MAX_UNPACKED_BYTES })).toString()
    : record.body;
  const { id, customer, items, amount_cents } = JSON.parse(text);
  if ([id, customer, items, amount_cents].includes(undefined)) throw new Error("a member is missing");
  return { id, customer, items, amount_cents };
}
