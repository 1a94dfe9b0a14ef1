'use strict';
// Everything a function prints. Every byte is written synchronously, so that the log of an invocation is complete before
// its result leaves and survives process.exit.
//
// console.* goes, one event per call, to the frame pipe if the engine gave one (SURGETANK_LOG_FD), else to stdout with
// newlines turned into carriage returns. A frame: 0xa55a0003, length, time in microseconds since 1970 (4 + 4 + 8 bytes,
// big-endian), then the UTF-8 text. process.stdout and process.stderr stay raw. AWS_LAMBDA_LOG_FORMAT=JSON and
// AWS_LAMBDA_LOG_LEVEL act as on AWS.

const fs = require('node:fs');
const util = require('node:util');
const { asError, toLogText } = require('./function_errors.cjs');

const FRAME_MAGIC = 0xa55a0003;
const FRAME_HEADER_BYTES = 16;
const FULL_PIPE_PAUSE_MS = 1;
// Where instrumentation libraries look for the id of the current request.
const REQUEST_ID = Symbol.for('aws.lambda.runtime.requestId');
const LEVELS = { TRACE: 1, DEBUG: 2, INFO: 3, WARN: 4, ERROR: 5, FATAL: 6 };

const pauseCell = new Int32Array(new SharedArrayBuffer(4));

/** Writes all bytes, waiting while a non-blocking pipe is full. A reader that has gone away is ignored. */
function writeAll(fd, bytes) {
  let offset = 0;
  while (offset < bytes.length) {
    try {
      offset += fs.writeSync(fd, bytes, offset, bytes.length - offset);
    } catch (error) {
      if (error.code === 'EAGAIN') Atomics.wait(pauseCell, 0, 0, FULL_PIPE_PAUSE_MS);
      else if (error.code !== 'EINTR') return;
    }
  }
}

function writeFrame(fd, timeMs, text) {
  const length = Buffer.byteLength(text);
  const frame = Buffer.allocUnsafe(FRAME_HEADER_BYTES + length);
  const timeUs = timeMs * 1000;
  frame.writeUInt32BE(FRAME_MAGIC, 0);
  frame.writeUInt32BE(length, 4);
  frame.writeUInt32BE(Math.floor(timeUs / 2 ** 32), 8);
  frame.writeUInt32BE(timeUs % 2 ** 32, 12);
  frame.write(text, FRAME_HEADER_BYTES, length, 'utf8');
  writeAll(fd, frame);
}

function formatText(time, level, args) {
  return `${time}\t${globalThis[REQUEST_ID]}\t${level}\t${util.format(...args)}`;
}

function errorFields(error) {
  const stackTrace = typeof error.stack === 'string' ? error.stack.split('\n') : [];
  return { errorType: error.constructor?.name ?? 'UnknownError', errorMessage: error.message, stackTrace };
}

function formatJson(time, level, args) {
  const record = { timestamp: time, level, requestId: globalThis[REQUEST_ID] };
  if (args.length === 1) {
    const expandErrors = (_key, value) => (value instanceof Error ? { ...errorFields(value), ...value } : value);
    try {
      return JSON.stringify({ ...record, message: args[0] }, expandErrors);
    } catch {
      return JSON.stringify({ ...record, message: util.format(args[0]) }); // circular, BigInt, ...
    }
  }
  record.message = util.format(...args);
  const error = args.find((argument) => argument instanceof Error);
  return JSON.stringify(error === undefined ? record : { ...record, ...errorFields(error) });
}

/** The console would create the stream on first use; give it a synchronous pipe then, not before (it is slow to make). */
function makeSynchronous(name, fd) {
  const property = Object.getOwnPropertyDescriptor(process, name);
  if (property?.get === undefined || !property.configurable) return;
  let stream;
  const get = () => {
    if (stream !== undefined) return stream;
    stream = property.get.call(process);
    if (stream._type === 'pipe') {
      stream._write = (chunk, encoding, done) => {
        writeAll(fd, typeof chunk === 'string' ? Buffer.from(chunk, encoding) : chunk);
        done();
      };
      stream._writev = null;
    }
    return stream;
  };
  Object.defineProperty(process, name, { ...property, get });
}

function takeFrameFd() {
  const text = process.env.SURGETANK_LOG_FD;
  delete process.env.SURGETANK_LOG_FD;
  return /^\d+$/.test(text ?? '') ? Number(text) : -1;
}

function createLogger(environment) {
  const frameFd = takeFrameFd();
  const isJson = environment.AWS_LAMBDA_LOG_FORMAT?.toUpperCase() === 'JSON';
  const format = isJson ? formatJson : formatText;
  const minimum = LEVELS[environment.AWS_LAMBDA_LOG_LEVEL?.toUpperCase()] ?? LEVELS.TRACE;

  function log(level, args) {
    const now = new Date();
    const line = format(now.toISOString(), level, args);
    if (frameFd >= 0) writeFrame(frameFd, now.getTime(), isJson ? line : `${line}\n`);
    else writeAll(1, Buffer.from(`${line.replaceAll('\n', '\r')}\n`));
  }

  const method = (level) => (LEVELS[level] < minimum ? () => {} : (...args) => log(level, args));
  const error = method('ERROR');
  return {
    console: {
      trace: method('TRACE'),
      debug: method('DEBUG'),
      info: method('INFO'),
      warn: method('WARN'),
      error,
      fatal: method('FATAL'),
    },
    error,
    failure: isJson ? (_title, value) => error(asError(value)) : (title, value) => error(title, toLogText(asError(value))),
    setRequestId(id) {
      globalThis[REQUEST_ID] = id;
    },
  };
}

/** Replaces console's methods and makes the standard streams synchronous. */
function install(environment) {
  makeSynchronous('stdout', 1);
  makeSynchronous('stderr', 2);
  const logger = createLogger(environment);
  Object.assign(console, logger.console, { log: logger.console.info });
  return logger;
}

module.exports = { install, writeAll };
