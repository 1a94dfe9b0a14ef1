// Drives SQS with the AWS SDK for JavaScript v3 (JSON protocol) and prints what it saw as JSON: node sqs.mjs ENDPOINT
// The SDK checks the digests of bodies by itself.
import {
  ChangeMessageVisibilityCommand,
  CreateQueueCommand,
  DeleteMessageBatchCommand,
  GetQueueAttributesCommand,
  GetQueueUrlCommand,
  ListMessageMoveTasksCommand,
  QueueDoesNotExist,
  ReceiveMessageCommand,
  SendMessageBatchCommand,
  SendMessageCommand,
  SQSClient,
  StartMessageMoveTaskCommand,
} from "@aws-sdk/client-sqs";

const credentials = { accessKeyId: "test", secretAccessKey: "test" };
const sqs = new SQSClient({ endpoint: process.argv[2], region: "us-east-1", credentials, maxAttempts: 1 });
const seen = {};

const { QueueUrl } = await sqs.send(new CreateQueueCommand({ QueueName: "from-js", Attributes: { VisibilityTimeout: "45" } }));
seen.url = QueueUrl;
const ask = async (name) => (await sqs.send(new GetQueueAttributesCommand({ QueueUrl, AttributeNames: [name] }))).Attributes;
seen.attributes = await ask("VisibilityTimeout");

await sqs.send(new SendMessageCommand({
  QueueUrl,
  MessageBody: "zwölf",
  MessageAttributes: {
    Text: { DataType: "String", StringValue: "a" },
    Raw: { DataType: "Binary", BinaryValue: new Uint8Array([0, 255]) },
  },
}));
const received = await sqs.send(new ReceiveMessageCommand({
  QueueUrl, MessageSystemAttributeNames: ["ApproximateReceiveCount"], MessageAttributeNames: ["All"], WaitTimeSeconds: 5,
}));
const message = received.Messages[0];
seen.body = message.Body;
seen.text = message.MessageAttributes.Text.StringValue;
seen.raw = [...message.MessageAttributes.Raw.BinaryValue];
seen.count = message.Attributes.ApproximateReceiveCount;

const batch = await sqs.send(new SendMessageBatchCommand({
  QueueUrl, Entries: [{ Id: "a", MessageBody: "fine" }, { Id: "b", MessageBody: "late", DelaySeconds: 901 }],
}));
seen.batch = [batch.Successful.map((entry) => entry.Id), batch.Failed.map((entry) => [entry.Id, entry.Code])];
await sqs.send(new DeleteMessageBatchCommand({ QueueUrl, Entries: [{ Id: "a", ReceiptHandle: message.ReceiptHandle }] }));
seen.left = (await ask("ApproximateNumberOfMessages")).ApproximateNumberOfMessages;
try {
  await sqs.send(new GetQueueUrlCommand({ QueueName: "absent" }));
} catch (error) {
  seen.error = [error.name, error.$metadata.httpStatusCode, error instanceof QueueDoesNotExist];
}
const last = await sqs.send(new ReceiveMessageCommand({ QueueUrl }));
await sqs.send(new ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle: last.Messages[0].ReceiptHandle, VisibilityTimeout: 600 }));
seen.empty = (await sqs.send(new ReceiveMessageCommand({ QueueUrl }))).Messages ?? [];

// A message that is received too often goes to the dead-letter queue, and comes back with a move task.
const deadUrl = (await sqs.send(new CreateQueueCommand({ QueueName: "js-dead" }))).QueueUrl;
const SourceArn = "arn:aws:sqs:us-east-1:000000000000:js-dead";
const source = (await sqs.send(new CreateQueueCommand({
  QueueName: "js-source",
  Attributes: { VisibilityTimeout: "0", RedrivePolicy: JSON.stringify({ deadLetterTargetArn: SourceArn, maxReceiveCount: 1 }) },
}))).QueueUrl;
await sqs.send(new SendMessageCommand({ QueueUrl: source, MessageBody: "poison" }));
await sqs.send(new ReceiveMessageCommand({ QueueUrl: source }));
await sqs.send(new ReceiveMessageCommand({ QueueUrl: source }));
const until = async (probe) => {
  for (let tries = 0; tries < 200; tries++) {
    const answer = await probe();
    if (answer) return answer;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("it did not come to pass");
};
const waiting = async (url) => (await sqs.send(new GetQueueAttributesCommand({
  QueueUrl: url, AttributeNames: ["ApproximateNumberOfMessages"] }))).Attributes.ApproximateNumberOfMessages;
await until(async () => (await waiting(deadUrl)) === "1");
await sqs.send(new StartMessageMoveTaskCommand({ SourceArn }));
const task = await until(async () => {
  const { Results } = await sqs.send(new ListMessageMoveTasksCommand({ SourceArn }));
  return Results[0].Status === "RUNNING" ? undefined : Results[0];
});
seen.moved = [task.Status, String(task.ApproximateNumberOfMessagesMoved)];
seen.back = (await until(async () => (await sqs.send(new ReceiveMessageCommand({ QueueUrl: source }))).Messages))[0].Body;
console.log(JSON.stringify(seen));
