'use strict';
// The life of invocations: event in, handler called, result or error out, next event.
//
// A result does not leave at once but in the next event-loop phase (setImmediate). Until then the process may still turn
// out to be broken (a promise rejected and forgotten, an exception from a timer): then the result is posted without
// asking for a next event, which would be lost with the process.

const errors = require('./function_errors.cjs');

// Instrumentation libraries wrap this global to see that the event loop has drained.
const LOOP_DRAINED = Symbol.for('aws.lambda.beforeExit');
const EXIT_UNHANDLED_REJECTION = 128;
const EXIT_UNCAUGHT_EXCEPTION = 129;
const EXIT_INIT_NEVER_SETTLED = 13;

const isPromise = (value) => Boolean(value) && typeof value.then === 'function';

function parseJsonHeader(text, name) {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`Cannot parse ${name} as json: ${error}`);
  }
}

/** JSON text of a result. Throws what AWS reports when there is none (circular structures, BigInt, functions). */
function serialize(result) {
  let text;
  try {
    text = JSON.stringify(result === undefined ? null : result);
  } catch {
    // falls through
  }
  if (text === undefined) throw new Error('Unable to stringify response body');
  return text;
}

class Invocation {
  constructor(loop, id) {
    this.loop = loop;
    this.id = id;
    this.isDecided = false; // the handler has chosen its outcome
    this.isAnswered = false; // the outcome is on its way out
    this.context = null;
  }

  /** done(error, result) of the callback style; `whenEmpty` holds a success back until the event loop has drained. */
  decide(error, result, whenEmpty) {
    if (this.isDecided || this.isAnswered) return;
    this.isDecided = true;
    this.loop.onDrained(() => {});
    if (error !== undefined && error !== null) this.fail(error);
    else if (whenEmpty) this.loop.onDrained(() => setImmediate(() => this.succeed(result)));
    else this.succeed(result);
  }

  succeed(result) {
    let body;
    try {
      body = serialize(result);
    } catch (error) {
      this.fail(error);
      return;
    }
    if (this.claimAnswer()) this.loop.send({ id: this.id, body });
  }

  fail(error) {
    if (!this.claimAnswer()) return;
    this.loop.logger.failure('Invoke Error', error);
    this.loop.send({ id: this.id, error: errors.toRuntimeError(error) });
  }

  claimAnswer() {
    const isFirst = !this.isAnswered;
    this.isAnswered = true;
    return isFirst;
  }

  /** The event loop is empty and the handler never answered. */
  abandon(isAsyncHandler) {
    if (isAsyncHandler) this.fail(errors.nodeJsExit());
    else this.succeed(null);
  }

  makeContext(headers, fixed) {
    const deadline = Number(headers['lambda-runtime-deadline-ms']);
    this.context = {
      callbackWaitsForEmptyEventLoop: true,
      succeed: (result) => this.decide(null, result, false),
      fail: (error) => this.decide(error ?? 'handled', null, false),
      done: (error, result) => this.decide(error, result, false),
      functionVersion: fixed.functionVersion,
      functionName: fixed.functionName,
      memoryLimitInMB: fixed.memoryLimitInMB,
      logGroupName: fixed.logGroupName,
      logStreamName: fixed.logStreamName,
      clientContext: parseJsonHeader(headers['lambda-runtime-client-context'], 'ClientContext'),
      identity: parseJsonHeader(headers['lambda-runtime-cognito-identity'], 'CognitoIdentity'),
      invokedFunctionArn: headers['lambda-runtime-invoked-function-arn'],
      awsRequestId: headers['lambda-runtime-aws-request-id'],
      tenantId: headers['lambda-runtime-aws-tenant-id'],
      getRemainingTimeInMillis() {
        return deadline - Date.now();
      },
    };
    return this.context;
  }

  get waitsForEmptyLoop() {
    return this.context === null || Boolean(this.context.callbackWaitsForEmptyEventLoop);
  }
}

class InvocationLoop {
  constructor({ client, logger, environment }) {
    this.client = client;
    this.logger = logger;
    this.handler = null;
    this.isAsyncHandler = false;
    this.current = null;
    this.unsent = null; // an answer that leaves in the next event-loop phase
    this.isDying = false;
    this.fixedFields = {
      functionVersion: environment.AWS_LAMBDA_FUNCTION_VERSION,
      functionName: environment.AWS_LAMBDA_FUNCTION_NAME,
      memoryLimitInMB: environment.AWS_LAMBDA_FUNCTION_MEMORY_SIZE,
      logGroupName: environment.AWS_LAMBDA_LOG_GROUP_NAME,
      logStreamName: environment.AWS_LAMBDA_LOG_STREAM_NAME,
    };
    this.sendNow = this.sendNow.bind(this);
    this.onInvocation = this.onInvocation.bind(this);
  }

  installProcessHandlers() {
    process.on('uncaughtException', (error) => {
      this.die('Uncaught Exception', error, EXIT_UNCAUGHT_EXCEPTION);
    });
    process.on('unhandledRejection', (reason, promise) => {
      this.die('Unhandled Promise Rejection', errors.unhandledRejection(reason, promise), EXIT_UNHANDLED_REJECTION);
    });
    this.onDrained(() => {
      process.stderr.write('The function module never finished loading: a top-level await was not settled.\n');
      process.exitCode = EXIT_INIT_NEVER_SETTLED;
    });
    process.on('beforeExit', () => globalThis[LOOP_DRAINED]());
  }

  onDrained(action) {
    globalThis[LOOP_DRAINED] = action;
  }

  start(handler) {
    if (this.isDying) return; // something the module left behind broke while it was loading
    this.handler = handler;
    this.isAsyncHandler = handler.constructor?.name === 'AsyncFunction';
    this.onDrained(() => {});
    this.client.next(this.onInvocation);
  }

  onInvocation(headers, bodyText) {
    const id = headers['lambda-runtime-aws-request-id'];
    if (!id) throw new Error('the Runtime API sent an event without a request id');
    this.logger.setRequestId(id);
    const trace = headers['lambda-runtime-trace-id'];
    if (trace) process.env._X_AMZN_TRACE_ID = trace;
    else delete process.env._X_AMZN_TRACE_ID;

    const invocation = new Invocation(this, id);
    this.current = invocation;
    this.onDrained(() => invocation.abandon(this.isAsyncHandler));
    const callback = (error, result) => invocation.decide(error, result, invocation.waitsForEmptyLoop);
    try {
      const event = JSON.parse(bodyText);
      const result = this.handler(event, invocation.makeContext(headers, this.fixedFields), callback);
      if (isPromise(result)) {
        const fail = (error) => invocation.decide(error ?? 'handled', null, false);
        result.then((value) => invocation.decide(null, value, false), fail);
      }
    } catch (error) {
      callback(error);
    }
  }

  send(answer) {
    if (this.isDying) return;
    this.unsent = answer;
    setImmediate(this.sendNow);
  }

  sendNow() {
    if (this.unsent === null) return;
    const { id, body, error } = this.unsent;
    this.unsent = null;
    this.onDrained(() => {});
    if (error === undefined) this.client.respondAndNext(id, body, this.onInvocation);
    else this.client.failAndNext(id, error, this.onInvocation);
  }

  /** The process cannot be trusted any more: deliver what is owed, then exit. */
  die(title, error, exitCode) {
    this.logger.failure(title, error);
    if (this.isDying) return;
    this.isDying = true;
    const exit = () => process.exit(exitCode);
    if (this.unsent !== null) {
      const { id, body, error: answeredError } = this.unsent;
      this.unsent = null;
      if (answeredError === undefined) this.client.respond(id, body, exit);
      else this.client.fail(id, answeredError, exit);
    } else if (this.handler === null) {
      this.client.failInit(errors.toRuntimeError(error), exit);
    } else if (this.current?.claimAnswer()) {
      this.client.fail(this.current.id, errors.toRuntimeError(error), exit);
    } else {
      this.client.whenPosted(exit);
    }
  }
}

module.exports = { InvocationLoop, EXIT_UNCAUGHT_EXCEPTION };
