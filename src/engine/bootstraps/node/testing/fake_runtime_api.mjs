// A small Runtime API server and a function process for the tests of the Node bootstrap.

import { spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const BOOTSTRAP = join(dirname(fileURLToPath(import.meta.url)), '..', 'bootstrap.cjs');
const TIMEOUT_MS = 20_000;

export const ARN = 'arn:aws:lambda:eu-west-1:000000000000:function:orders';

export function requestId(number) {
  return `8f507cfc-1234-4697-b07a-${String(number).padStart(12, '0')}`;
}

/**
 * Options: unix; writeReply(socket, bytes) to split replies; chunked; closeAfterPost; statusOf(post) -> {status, body};
 * nextStatus() -> status to refuse a GET next.
 */
export class FakeRuntimeApi {
  constructor(options = {}) {
    this.options = options;
    this.posts = []; // {path, headers, body, withNext}
    this.events = [];
    this.waitingNext = null;
    this.connections = 0;
    this.nextCount = 0;
    this.postWaiters = [];
    this.server = net.createServer((socket) => this.accept(socket));
    this.sockets = new Set();
  }

  async listen(directory) {
    const where = this.options.unix ? { path: join(directory, 'api.sock') } : { host: '127.0.0.1', port: 0 };
    await new Promise((resolve) => this.server.listen(where, resolve));
    this.environment = this.options.unix
      ? { SURGETANK_RUNTIME_SOCKET: where.path, AWS_LAMBDA_RUNTIME_API: '127.0.0.1:1' }
      : { AWS_LAMBDA_RUNTIME_API: `127.0.0.1:${this.server.address().port}` };
  }

  close() {
    this.server.close();
    for (const socket of this.sockets) socket.destroy();
  }

  accept(socket) {
    this.connections += 1;
    this.sockets.add(socket);
    socket.setNoDelay(true);
    const connection = { socket, data: Buffer.alloc(0), queue: [], busy: false };
    socket.on('error', () => {});
    socket.on('close', () => this.sockets.delete(socket));
    socket.on('data', (chunk) => {
      connection.data = connection.data.length === 0 ? chunk : Buffer.concat([connection.data, chunk]);
      this.parse(connection);
      this.serve(connection);
    });
  }

  parse(connection) {
    for (;;) {
      const end = connection.data.indexOf('\r\n\r\n');
      if (end < 0) return;
      const [requestLine, ...lines] = connection.data.toString('latin1', 0, end).split('\r\n');
      const headers = Object.fromEntries(
        lines.map((line) => [line.split(':', 1)[0].toLowerCase(), line.replace(/^[^:]*:\s*/, '')]),
      );
      const length = Number(headers['content-length'] ?? 0);
      if (connection.data.length < end + 4 + length) return;
      const [method, path, version] = requestLine.split(' ');
      if (version !== 'HTTP/1.1' || !headers.host) throw new Error(`bad request: ${requestLine}`);
      const body = connection.data.subarray(end + 4, end + 4 + length).toString();
      connection.data = connection.data.subarray(end + 4 + length);
      connection.queue.push({ method, path, headers, body });
    }
  }

  serve(connection) {
    while (!connection.busy && connection.queue.length > 0) {
      const request = connection.queue.shift();
      if (request.method === 'GET' && request.path === '/2018-06-01/runtime/invocation/next') this.serveNext(connection);
      else this.servePost(connection, request);
    }
  }

  serveNext(connection) {
    this.nextCount += 1;
    const status = this.options.nextStatus?.() ?? 200;
    if (status !== 200) {
      this.reply(connection, status, {}, '{"errorType":"InvalidStateTransition"}');
      return;
    }
    connection.busy = true;
    this.waitingNext = connection;
    this.deliver();
  }

  servePost(connection, request) {
    const withNext = connection.queue.some((other) => other.method === 'GET');
    const post = { ...request, withNext };
    const { status, body } = this.options.statusOf?.(post) ?? { status: 202, body: '{"status":"OK"}' };
    const close = this.options.closeAfterPost === true;
    this.reply(connection, status, close ? { Connection: 'close' } : {}, body);
    if (close) {
      connection.queue.length = 0; // whatever was pipelined behind is never answered
      connection.socket.end();
    }
    this.posts.push(post);
    for (const waiter of this.postWaiters.splice(0)) waiter();
  }

  reply(connection, status, headers, body) {
    const bytes = Buffer.from(body);
    const all = { 'Content-Type': 'application/json', ...headers };
    let payload = bytes;
    if (this.options.chunked) {
      all['Transfer-Encoding'] = 'chunked';
      const middle = Math.ceil(bytes.length / 2);
      const chunk = (part) => [Buffer.from(`${part.length.toString(16)};note=1\r\n`), part, Buffer.from('\r\n')];
      const parts = [bytes.subarray(0, middle), bytes.subarray(middle)].filter((part) => part.length > 0);
      payload = Buffer.concat([...parts.flatMap(chunk), Buffer.from('0\r\nX-Trailer: yes\r\n\r\n')]);
    } else {
      all['Content-Length'] = bytes.length;
    }
    const head = `HTTP/1.1 ${status} Whatever\r\n${Object.entries(all)
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}\r\n`;
    const message = Buffer.concat([Buffer.from(head), payload]);
    if (this.options.writeReply) this.options.writeReply(connection.socket, message);
    else connection.socket.write(message);
  }

  deliver() {
    if (this.waitingNext === null || this.events.length === 0) return;
    const connection = this.waitingNext;
    const { id, payload, headers } = this.events.shift();
    this.waitingNext = null;
    connection.busy = false;
    this.reply(
      connection,
      200,
      {
        'Lambda-Runtime-Aws-Request-Id': id,
        'Lambda-Runtime-Deadline-Ms': Date.now() + 3000,
        'Lambda-Runtime-Invoked-Function-Arn': ARN,
        ...headers,
      },
      payload,
    );
    this.serve(connection);
  }

  push(number, event, headers = {}) {
    this.events.push({ id: requestId(number), payload: typeof event === 'string' ? event : JSON.stringify(event), headers });
    this.deliver();
  }

  async postsUntil(count) {
    const deadline = Date.now() + TIMEOUT_MS;
    while (this.posts.length < count) {
      await new Promise((resolve, reject) => {
        const timer = setTimeout(() => reject(new Error(`only ${this.posts.length} of ${count} posts`)), deadline - Date.now());
        this.postWaiters.push(() => resolve(clearTimeout(timer)));
      });
    }
    return this.posts;
  }

  /** Sends one event and returns what the function posted for it: {kind, value, post}. */
  async invoke(number, event, headers) {
    const before = this.posts.length;
    this.push(number, event, headers);
    const post = (await this.postsUntil(before + 1))[before];
    const match = /^\/2018-06-01\/runtime\/invocation\/([^/]+)\/(response|error)$/.exec(post.path);
    if (match === null || match[1] !== requestId(number)) throw new Error(`unexpected post ${post.path}`);
    return { kind: match[2], value: JSON.parse(post.body), post };
  }
}

/** A function process with its files in a temporary directory and its output collected. */
export class FunctionProcess {
  static async start(
    files,
    { handler = 'index.handler', api = {}, env = {}, logPipe = false, zygote = false, autoRead = true } = {},
  ) {
    const directory = mkdtempSync(join(tmpdir(), 'surgetank-node-'));
    for (const [name, text] of Object.entries(files)) {
      mkdirSync(dirname(join(directory, name)), { recursive: true });
      writeFileSync(join(directory, name), text);
    }
    const server = new FakeRuntimeApi(api);
    await server.listen(directory);
    const environment = {
      PATH: process.env.PATH,
      LAMBDA_TASK_ROOT: directory,
      _HANDLER: handler,
      AWS_LAMBDA_FUNCTION_NAME: 'orders',
      AWS_LAMBDA_FUNCTION_VERSION: '$LATEST',
      AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '128',
      AWS_LAMBDA_LOG_GROUP_NAME: '/aws/lambda/orders',
      AWS_LAMBDA_LOG_STREAM_NAME: '2025/01/01/[$LATEST]00',
      ...server.environment,
      ...(logPipe ? { SURGETANK_LOG_FD: '3' } : {}),
      ...Object.fromEntries(Object.entries(env).map(([name, value]) => [name, value.replaceAll('<dir>', directory)])),
    };
    return new FunctionProcess(directory, server, environment, zygote, autoRead);
  }

  constructor(directory, api, environment, zygote, autoRead) {
    this.directory = directory;
    this.api = api;
    this.environment = environment;
    this.out = '';
    this.err = '';
    this.log = Buffer.alloc(0);
    this.zygoteLines = '';
    this.child = spawn(process.execPath, [BOOTSTRAP], {
      cwd: zygote ? '/' : directory,
      env: zygote ? { PATH: process.env.PATH, SURGETANK_ZYGOTE_FD: '4', UNWANTED: '1' } : environment,
      stdio: ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
    });
    this.child.stderr.on('data', (chunk) => (this.err += chunk));
    this.child.stdio[4].on('data', (chunk) => (this.zygoteLines += chunk));
    this.child.stdio[4].on('error', () => {});
    if (autoRead) this.readOutput();
    this.closed = new Promise((resolve) => this.child.on('close', (code, signal) => resolve(code ?? signal)));
    this.watchdog = setTimeout(() => this.child.kill('SIGKILL'), TIMEOUT_MS);
  }

  readOutput() {
    this.child.stdout.on('data', (chunk) => (this.out += chunk));
    this.child.stdio[3].on('data', (chunk) => (this.log = Buffer.concat([this.log, chunk])));
  }

  /** The log frames so far: [{text, timeUs}]. */
  frames() {
    const frames = [];
    let offset = 0;
    while (offset < this.log.length) {
      if (this.log.readUInt32BE(offset) !== 0xa55a0003) throw new Error('bad frame magic');
      const length = this.log.readUInt32BE(offset + 4);
      const timeUs = Number(this.log.readBigUInt64BE(offset + 8));
      frames.push({ text: this.log.toString('utf8', offset + 16, offset + 16 + length), timeUs });
      offset += 16 + length;
    }
    return frames;
  }

  async exited() {
    const code = await this.closed;
    clearTimeout(this.watchdog);
    return code;
  }

  async stop() {
    this.child.kill('SIGKILL');
    await this.exited();
    this.api.close();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

export async function withFunction(files, options, body) {
  const fn = await FunctionProcess.start(files, options);
  try {
    return await body(fn, fn.api);
  } finally {
    await fn.stop();
  }
}

/** Polls until check() is truthy: for output that arrives through pipes after the reply. */
export async function eventually(check) {
  const deadline = Date.now() + TIMEOUT_MS;
  for (;;) {
    const value = check();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`never became true: ${check}`);
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
}
