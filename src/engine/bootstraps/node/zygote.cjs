'use strict';
// A pre-started environment: a process that has paid Node's start-up and now waits on SURGETANK_ZYGOTE_FD to be told who
// it is. The protocol is in README.md.

const net = require('node:net');
const nodeModule = require('node:module');

const MAX_REQUEST_BYTES = 4 * 1024 * 1024;
// Read by Node or by the dynamic linker before the first line of JavaScript: they cannot be changed afterwards.
const START_ONLY = ['NODE_OPTIONS', 'NODE_EXTRA_CA_CERTS', 'NODE_ICU_DATA', 'LD_LIBRARY_PATH', 'LD_PRELOAD'];
const PRELOADED = [
  'assert',
  'async_hooks',
  'buffer',
  'crypto',
  'dns',
  'events',
  'fs/promises',
  'http',
  'https',
  'os',
  'querystring',
  'stream',
  'string_decoder',
  'timers',
  'tls',
  'tty',
  'url',
  'util',
  'zlib',
];

function refusal(request) {
  if (request === null || typeof request !== 'object' || typeof request.env !== 'object' || request.env === null) {
    return 'the request needs "env"';
  }
  for (const name of START_ONLY) {
    if ((request.env[name] ?? '') !== (process.env[name] ?? '')) return `${name} takes effect only when a process starts`;
  }
  return null;
}

function become(request) {
  if (typeof request.cwd === 'string') process.chdir(request.cwd);
  for (const name of Object.keys(process.env)) delete process.env[name];
  for (const [name, value] of Object.entries(request.env)) process.env[name] = String(value);
  nodeModule.Module._initPaths(); // NODE_PATH
}

/** Waits for one request, applies it and calls onReady; a refused request or a closed channel ends the process. */
function waitForRequest(fd, onReady) {
  for (const name of PRELOADED) require(`node:${name}`);
  const channel = new net.Socket({ fd, readable: true, writable: true });
  let text = '';
  channel.setEncoding('utf8');
  channel.on('error', () => process.exit(0));
  channel.on('end', () => process.exit(0));
  channel.on('data', (chunk) => {
    text += chunk;
    if (text.length > MAX_REQUEST_BYTES) process.exit(1);
    const end = text.indexOf('\n');
    if (end < 0) return;
    channel.removeAllListeners('data').removeAllListeners('end').pause();
    answer(channel, text.slice(0, end), onReady);
  });
  channel.write(`${JSON.stringify({ ready: true, pid: process.pid })}\n`);
}

function answer(channel, line, onReady) {
  let reason;
  try {
    const request = JSON.parse(line);
    reason = refusal(request);
    if (reason === null) become(request);
  } catch (error) {
    reason = String(error);
  }
  if (reason !== null) {
    channel.end(`${JSON.stringify({ accepted: false, reason })}\n`, () => process.exit(0));
    return;
  }
  channel.end(`${JSON.stringify({ accepted: true })}\n`, () => channel.destroy());
  onReady();
}

module.exports = { waitForRequest };
