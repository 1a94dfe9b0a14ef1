// The official Node client's way of talking to the Runtime API: Node's own http module with a keep-alive agent, one request at a time.
import http from "node:http";
import { handler } from "./node/index.mjs";

const [hostname, port] = process.env.AWS_LAMBDA_RUNTIME_API.split(":");
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
const base = "/2018-06-01/runtime/invocation/";

function request(method, path, body) {
  return new Promise((resolve, reject) => {
    const call = http.request({ hostname, port, path: base + path, method, agent, headers: body ? { "Content-Length": Buffer.byteLength(body) } : {} }, (reply) => {
      let text = "";
      reply.setEncoding("utf8").on("data", (chunk) => (text += chunk)).on("end", () => resolve({ headers: reply.headers, text }));
    });
    call.on("error", reject);
    call.end(body);
  });
}

for (;;) {
  const next = await request("GET", "next");
  const result = await handler(JSON.parse(next.text));
  await request("POST", next.headers["lambda-runtime-aws-request-id"] + "/response", JSON.stringify(result));
}
