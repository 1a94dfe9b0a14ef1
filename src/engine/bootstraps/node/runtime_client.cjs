'use strict';
// The function's side of the Lambda Runtime API (2018-06-01) over one raw keep-alive socket, unix or TCP.
//
// Why not http.Agent: a raw socket answers an invocation in a quarter of the time. A result and the following
// "give me the next event" leave in one write (HTTP pipelining); the server answers both, in order.
//
// The socket keeps the event loop alive exactly while a reply is owed to us. While user code runs nothing is owed, so
// "the event loop is empty" means that the user's own work is done.
//
// A connection lost while a reply is owed, a malformed reply, or a 5xx is unrecoverable: `onFatal` is told, once.

const net = require('node:net');

const API = '/2018-06-01/runtime';
const MAX_HEAD_BYTES = 256 * 1024;
const MAX_BODY_BYTES = 64 * 1024 * 1024;
const READ_BUFFER_BYTES = 64 * 1024;
// A result above this size is posted alone: it might be refused as too large, and then an error must follow first.
const MAX_PIPELINED_BYTES = 256 * 1024;
const DEFAULT_PAYLOAD_LIMIT = '6291556';

/** Incremental HTTP/1.1 response parser. Calls onMessage(status, headers, body) with body a Buffer valid during the call. */
class ResponseParser {
  constructor(onMessage) {
    this.onMessage = onMessage;
    this.rest = null; // unparsed bytes of an incomplete head, chunk-size line or trailer
    this.reset();
  }

  reset() {
    this.state = 'head';
    this.status = 0;
    this.headers = null;
    this.body = null; // when the length is known
    this.filled = 0;
    this.parts = null; // when it is not
    this.partsBytes = 0;
    this.remaining = 0;
  }

  feed(bytes) {
    let data = bytes;
    if (this.rest !== null) {
      data = Buffer.concat([this.rest, bytes]);
      this.rest = null;
    }
    let offset = 0;
    while (offset >= 0 && offset < data.length) {
      const before = offset;
      offset = this[this.state](data, offset);
      if (offset < 0) {
        if (data.length - before > MAX_HEAD_BYTES) throw new Error('reply head too large');
        this.rest = Buffer.from(data.subarray(before)); // the read buffer is reused, so copy
      }
    }
  }

  /** The peer closed: complete a body that is delimited by the end of the connection. */
  end() {
    if (this.state === 'untilClose') this.deliver(Buffer.concat(this.parts));
  }

  deliver(body) {
    const { status, headers } = this;
    this.reset();
    this.onMessage(status, headers, body);
  }

  head(data, offset) {
    const end = data.indexOf('\r\n\r\n', offset, 'latin1');
    if (end < 0) return -1;
    const lines = data.toString('utf8', offset, end).split('\r\n');
    const statusLine = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(lines[0]);
    if (statusLine === null) throw new Error(`malformed status line: ${lines[0].slice(0, 80)}`);
    this.status = Number(statusLine[1]);
    const headers = Object.create(null);
    for (let i = 1; i < lines.length; i++) {
      const colon = lines[i].indexOf(':');
      if (colon <= 0) throw new Error('malformed header line');
      headers[lines[i].slice(0, colon).toLowerCase()] = lines[i].slice(colon + 1).trim();
    }
    this.headers = headers;
    return this.startBody(data, end + 4);
  }

  startBody(data, offset) {
    const { status, headers } = this;
    if (status < 200) {
      this.reset(); // 100 Continue and the like announce a later, real reply
      return offset;
    }
    if (status === 204 || status === 304) {
      this.deliver(Buffer.alloc(0));
      return offset;
    }
    const encoding = headers['transfer-encoding'];
    if (encoding !== undefined) {
      if (encoding.toLowerCase() !== 'chunked') throw new Error(`unsupported transfer encoding: ${encoding}`);
      this.parts = [];
      this.state = 'chunkSize';
      return offset;
    }
    const declared = headers['content-length'];
    if (declared === undefined) {
      headers.connection = 'close'; // the end of the connection delimits the body
      this.parts = [];
      this.state = 'untilClose';
      return offset;
    }
    if (!/^\d{1,15}$/.test(declared)) throw new Error('malformed Content-Length');
    const length = Number(declared);
    if (length > MAX_BODY_BYTES) throw new Error('reply body too large');
    if (data.length - offset >= length) {
      this.deliver(data.subarray(offset, offset + length)); // the usual case: no copy
      return offset + length;
    }
    this.body = Buffer.allocUnsafe(length);
    this.state = 'knownLength';
    return offset;
  }

  knownLength(data, offset) {
    const copied = data.copy(this.body, this.filled, offset);
    this.filled += copied;
    if (this.filled === this.body.length) this.deliver(this.body);
    return offset + copied;
  }

  chunkSize(data, offset) {
    const end = data.indexOf('\r\n', offset, 'latin1');
    if (end < 0) return -1;
    const size = /^([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?$/.exec(data.toString('latin1', offset, end));
    if (size === null) throw new Error('malformed chunk size');
    this.remaining = parseInt(size[1], 16);
    this.state = this.remaining === 0 ? 'trailers' : 'chunkData';
    return end + 2;
  }

  chunkData(data, offset) {
    const end = Math.min(data.length, offset + this.remaining);
    this.keepPart(data.subarray(offset, end));
    this.remaining -= end - offset;
    if (this.remaining === 0) this.state = 'chunkEnd';
    return end;
  }

  chunkEnd(data, offset) {
    if (data.length - offset < 2) return -1;
    if (data[offset] !== 13 || data[offset + 1] !== 10) throw new Error('malformed chunk');
    this.state = 'chunkSize';
    return offset + 2;
  }

  trailers(data, offset) {
    const end = data.indexOf('\r\n', offset, 'latin1');
    if (end < 0) return -1;
    if (end === offset) this.deliver(Buffer.concat(this.parts));
    return end + 2;
  }

  untilClose(data, offset) {
    this.keepPart(data.subarray(offset));
    return data.length;
  }

  keepPart(bytes) {
    this.partsBytes += bytes.length;
    if (this.partsBytes > MAX_BODY_BYTES) throw new Error('reply body too large');
    this.parts.push(Buffer.from(bytes));
  }
}

/** `unix path` or `host:port` -> options for net.connect and the Host header. */
function parseTarget(socketPath, hostPort) {
  if (socketPath) return { options: { path: socketPath }, host: 'localhost' };
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(hostPort ?? '');
  if (match === null) throw new Error('AWS_LAMBDA_RUNTIME_API must be host:port');
  return { options: { host: match[1] ?? match[2], port: Number(match[3]), noDelay: true }, host: hostPort };
}

/** Header values carry no control or non-Latin characters, whatever the user's error is called. */
function headerSafe(value) {
  return String(value)
    .replace(/[^\x20-\x7e]/g, '?')
    .slice(0, 256);
}

class RuntimeClient {
  constructor(target, { onFatal, report }) {
    this.target = target;
    this.onFatal = onFatal;
    this.report = report; // (line) => void: a refusal worth a line in the function's log
    this.socket = null;
    this.owed = []; // requests sent and not yet answered, in order
    const common = `Host: ${target.host}\r\nUser-Agent: surgetank-lambda-node/${process.versions.node}\r\n`;
    this.nextRequest = `GET ${API}/invocation/next HTTP/1.1\r\n${common}\r\n`;
    this.postHead = `${common}Content-Type: application/json\r\n`;
  }

  /** Waits for the next event: onInvocation(headers, bodyText). */
  next(onInvocation) {
    this.exchange([this.nextExchange(onInvocation)]);
  }

  /** Posts a result (JSON text) and waits for the next event. */
  respondAndNext(id, body, onInvocation) {
    let refused = null;
    const onRefused = (reply) => {
      refused = reply;
    };
    const post = this.postExchange(`${API}/invocation/${encodeURIComponent(id)}/response`, body, '', onRefused);
    if (body.length > MAX_PIPELINED_BYTES) {
      post.onDone = () => (refused === null ? this.next(onInvocation) : this.failTooLarge(id, refused, onInvocation));
      this.exchange([post]);
      return;
    }
    const next = this.nextExchange(onInvocation);
    next.onRefusedState = () => {
      if (refused === null) return false;
      this.failTooLarge(id, refused, onInvocation);
      return true;
    };
    this.exchange([post, next]);
  }

  /** Posts an error ({errorType, errorMessage, trace}) and waits for the next event. */
  failAndNext(id, error, onInvocation) {
    this.exchange([this.errorExchange(id, error), this.nextExchange(onInvocation)]);
  }

  /** Posts a result or an error and nothing more; onDone runs when the server has answered. */
  respond(id, body, onDone) {
    const post = this.postExchange(`${API}/invocation/${encodeURIComponent(id)}/response`, body, '', () => {});
    post.onDone = onDone;
    this.exchange([post]);
  }

  fail(id, error, onDone) {
    const post = this.errorExchange(id, error);
    post.onDone = onDone;
    this.exchange([post]);
  }

  failInit(error, onDone) {
    const type = `Lambda-Runtime-Function-Error-Type: ${headerSafe(error.errorType)}\r\n`;
    const post = this.postExchange(`${API}/init/error`, JSON.stringify(error), type, () => {});
    post.onDone = onDone;
    this.exchange([post]);
  }

  /** onDone runs when every post has been answered; the process is about to exit, so nothing else follows. */
  whenPosted(onDone) {
    const post = this.owed.find((request) => request.isPost);
    if (post === undefined) onDone();
    else post.onDone = onDone;
  }

  failTooLarge(id, refused, onInvocation) {
    const limit = /\((\d+) bytes\)/.exec(refused)?.[1] ?? DEFAULT_PAYLOAD_LIMIT;
    this.failAndNext(
      id,
      {
        errorType: 'Function.ResponseSizeTooLarge',
        errorMessage: `Response payload size exceeded maximum allowed payload size (${limit} bytes).`,
        trace: [],
      },
      onInvocation,
    );
  }

  nextExchange(onInvocation) {
    return {
      isPost: false,
      bytes: this.nextRequest,
      onRefusedState: () => false,
      onReply(client, status, headers, body) {
        if (status === 200) onInvocation(headers, body.toString());
        else if (status === 403 && this.onRefusedState()) return;
        else client.fatal(new Error(`Failed to get next invocation. Http response code: ${status}. ${body}`));
      },
    };
  }

  errorExchange(id, error) {
    const type = `Lambda-Runtime-Function-Error-Type: ${headerSafe(error.errorType)}\r\n`;
    return this.postExchange(`${API}/invocation/${encodeURIComponent(id)}/error`, JSON.stringify(error), type, () => {});
  }

  postExchange(path, body, extraHeaders, onTooLarge) {
    const length = Buffer.byteLength(body);
    return {
      isPost: true,
      bytes: `POST ${path} HTTP/1.1\r\n${this.postHead}${extraHeaders}Content-Length: ${length}\r\n\r\n${body}`,
      onDone: null,
      onReply(client, status, _headers, replyBody) {
        if (status < 200 || status > 299) {
          const what = path.endsWith('/response') ? 'handler success response' : 'handler error';
          client.report(`LAMBDA_RUNTIME Failed to post ${what}. Http response code: ${status}. ${replyBody}`);
          if (status === 413) onTooLarge(replyBody.toString());
          if (status >= 500) {
            client.fatal(new Error(`the Runtime API answered ${status}`));
            return;
          }
        }
        if (this.onDone !== null) this.onDone();
      },
    };
  }

  exchange(requests) {
    for (const request of requests) this.owed.push(request);
    if (this.socket === null) this.connect();
    else this.socket.ref();
    this.socket.write(requests.length === 1 ? requests[0].bytes : requests[0].bytes + requests[1].bytes);
  }

  connect() {
    const buffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES);
    const parser = new ResponseParser((status, headers, body) => {
      if (this.socket === socket) this.reply(status, headers, body);
    });
    const guarded = (action) => {
      try {
        action();
      } catch (error) {
        this.fatal(error);
      }
    };
    const socket = net.connect({
      ...this.target.options,
      onread: {
        buffer,
        callback: (count) => {
          guarded(() => parser.feed(buffer.subarray(0, count)));
          return true;
        },
      },
    });
    let failure = null;
    socket.on('error', (error) => {
      failure = error;
    });
    socket.on('end', () => guarded(() => parser.end()));
    socket.on('close', () => {
      if (this.socket !== socket) return;
      this.socket = null;
      if (this.owed.length > 0) this.fatal(failure ?? new Error('the Runtime API closed the connection'));
    });
    this.socket = socket;
  }

  reply(status, headers, body) {
    const request = this.owed.shift();
    if (request === undefined) throw new Error('unexpected reply from the Runtime API');
    if (headers.connection?.toLowerCase() === 'close') this.reconnect();
    if (this.owed.length === 0) this.socket?.unref();
    request.onReply(this, status, headers, body);
  }

  /** The server announced that it will not read further from this connection: repeat what it has not answered. */
  reconnect() {
    const old = this.socket;
    this.socket = null;
    old.destroy();
    if (this.owed.length === 0) return;
    this.connect();
    this.socket.write(this.owed.map((request) => request.bytes).join(''));
  }

  fatal(error) {
    this.owed.length = 0;
    this.socket?.destroy();
    this.socket = null;
    this.onFatal(error);
  }
}

module.exports = { RuntimeClient, ResponseParser, parseTarget };
