// Producers and consumers of one queue with the AWS SDK for JavaScript v3 and its default retries:
//   node sqs_accounting.mjs ENDPOINT QUEUE_URL SECONDS
// Prints as JSON which ids were acknowledged by the queue, and which were received and deleted. Consumers go on until the queue has been
// empty for a while after the producers have ended.
import { DeleteMessageBatchCommand, ReceiveMessageCommand, SendMessageBatchCommand, SendMessageCommand, SQSClient } from "@aws-sdk/client-sqs";

const [endpoint, QueueUrl, seconds] = process.argv.slice(2);
const credentials = { accessKeyId: "test", secretAccessKey: "test" };
const sqs = new SQSClient({ endpoint, region: "us-east-1", credentials });
const end = Date.now() + Number(seconds) * 1000;
const sent = [];
const received = [];
let producing = true;

async function produce(producer) {
  for (let n = 0; Date.now() < end; ++n) {
    if (n % 3 === 0) {
      const id = `js-${producer}-${n}`;
      await sqs.send(new SendMessageCommand({ QueueUrl, MessageBody: id }));
      sent.push(id);
      continue;
    }
    const Entries = Array.from({ length: 10 }, (_, i) => ({ Id: `e${i}`, MessageBody: `js-${producer}-${n}-${i}` }));
    const reply = await sqs.send(new SendMessageBatchCommand({ QueueUrl, Entries }));
    for (const { Id } of reply.Successful) sent.push(Entries.find((entry) => entry.Id === Id).MessageBody);
  }
}

async function consume() {
  for (let empty = 0; producing || empty < 2;) {
    const { Messages = [] } = await sqs.send(new ReceiveMessageCommand({ QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 1 }));
    empty = Messages.length === 0 ? empty + 1 : 0;
    if (Messages.length === 0) continue;
    const Entries = Messages.map((message, i) => ({ Id: `${i}`, ReceiptHandle: message.ReceiptHandle }));
    const reply = await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries }));
    for (const { Id } of reply.Successful) received.push(Messages[Number(Id)].Body);
  }
}

const consumers = [1, 2, 3].map(consume);
await Promise.all([1, 2, 3].map(produce));
producing = false;
await Promise.all(consumers);
console.log(JSON.stringify({ sent, received }));
