// Rules of the Node bootstrap, each proved with a real process against a fake Runtime API.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';
import { ARN, FunctionProcess, eventually, requestId, withFunction } from './testing/fake_runtime_api.mjs';

const ISO = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
const commonJs = (code) => ({ 'index.js': code });
const moduleJs = (code) => ({ 'index.mjs': code });
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function initError(files, options = {}) {
  return withFunction(files, options, async (fn, api) => {
    const code = await fn.exited();
    assert.equal(api.posts.length, 1, fn.err);
    assert.equal(api.posts[0].path, '/2018-06-01/runtime/init/error');
    assert.equal(api.nextCount, 0);
    return { code, type: api.posts[0].headers['lambda-runtime-function-error-type'], out: fn.out, ...JSON.parse(api.posts[0].body) };
  });
}

describe('handlers', { concurrency: 4 }, () => {
  for (const unix of [false, true]) {
    test(`answer over ${unix ? 'a unix socket' : 'TCP'} on one connection, asking for the next event in the same write`, () =>
      withFunction(commonJs('exports.handler = async (event) => ({ echo: event })'), { api: { unix } }, async (_fn, api) => {
        for (let i = 0; i < 5; i++) {
          const { kind, value, post } = await api.invoke(i, { i });
          assert.deepEqual([kind, value], ['response', { echo: { i } }]);
          assert.equal(post.headers['content-type'], 'application/json');
          assert.equal(post.withNext, true);
        }
        assert.equal(api.connections, 1);
        await eventually(() => api.nextCount === 6);
      }));
  }

  test('every kind of outcome of a CommonJS handler', () =>
    withFunction(
      commonJs(`
        const kinds = {
          nothing: async () => {},
          nul: async () => null,
          text: async () => 'héllo ✓ \\u2028',
          date: async () => new Date(0),
          thenable: () => ({ then: (resolve) => resolve(7) }),
          callback: (event, context, callback) => setTimeout(() => callback(null, 'later'), 5),
          callbackNow: (event, context, callback) => callback(null, 'now'),
          callbackError: (event, context, callback) => callback(new RangeError('nope')),
          callbackText: (event, context, callback) => callback('just text'),
          callbackTwice: (event, context, callback) => { callback(null, 1); callback(null, 2); context.done(null, 3); },
          succeed: (event, context) => context.succeed('s'),
          done: (event, context) => context.done(null, 'd'),
          fail: (event, context) => context.fail(new Error('f')),
          failNothing: (event, context) => context.fail(),
          syncThrow: () => { throw new TypeError('sync'); },
          reject: async () => { throw Object.assign(new Error('async'), { code: 'E1', name: 'OrderError' }); },
          rejectText: () => Promise.reject('plain'),
          rejectNothing: () => Promise.reject(),
          rejectObject: () => Promise.reject({ a: 1 }),
          throwUndefined: () => { throw undefined; },
          hostile: async () => { throw { get name() { throw 1; }, toString() { throw 2; } }; },
          circular: async () => { const a = {}; a.a = a; return a; },
          bigint: async () => ({ n: 1n }),
          func: async () => () => {},
          never: () => {},
          neverAsync: async () => new Promise(() => {}),
          neverPromise: () => new Promise(() => {}),
        };
        exports.handler = (event, context, callback) => kinds[event.kind](event, context, callback);
        exports.async = async (event, context, callback) => kinds[event.kind](event, context, callback);`),
      {},
      async (fn, api) => {
        let number = 0;
        const outcome = async (kind) => {
          const { kind: how, value } = await api.invoke(++number, { kind });
          if (how === 'response') return value;
          return [value.errorType, value.errorMessage, value.trace.length > 0];
        };
        assert.equal(await outcome('nothing'), null);
        assert.equal(await outcome('nul'), null);
        assert.equal(await outcome('text'), 'héllo ✓ \u2028');
        assert.equal(await outcome('date'), '1970-01-01T00:00:00.000Z');
        assert.equal(await outcome('thenable'), 7);
        assert.equal(await outcome('callback'), 'later');
        assert.equal(await outcome('callbackNow'), 'now');
        assert.deepEqual(await outcome('callbackError'), ['RangeError', 'nope', true]);
        assert.deepEqual(await outcome('callbackText'), ['string', 'just text', false]);
        assert.equal(await outcome('callbackTwice'), 1);
        assert.equal(await outcome('succeed'), 's');
        assert.equal(await outcome('done'), 'd');
        assert.deepEqual(await outcome('fail'), ['Error', 'f', true]);
        assert.deepEqual(await outcome('failNothing'), ['string', 'handled', false]);
        assert.deepEqual(await outcome('syncThrow'), ['TypeError', 'sync', true]);
        assert.deepEqual(await outcome('reject'), ['OrderError', 'async', true]);
        assert.deepEqual(await outcome('rejectText'), ['string', 'plain', false]);
        assert.deepEqual(await outcome('rejectNothing'), ['string', 'handled', false]);
        assert.deepEqual(await outcome('rejectObject'), ['object', '[object Object]', false]);
        assert.equal(await outcome('throwUndefined'), null);
        assert.equal((await outcome('hostile'))[0], 'handled');
        assert.deepEqual(await outcome('circular'), ['Error', 'Unable to stringify response body', true]);
        assert.deepEqual(await outcome('bigint'), ['Error', 'Unable to stringify response body', true]);
        assert.deepEqual(await outcome('func'), ['Error', 'Unable to stringify response body', true]);
        assert.equal(await outcome('never'), null);
        assert.equal(await outcome('neverAsync'), null);
        assert.equal(await outcome('neverPromise'), null);
        assert.equal(await outcome('text'), 'héllo ✓ \u2028');
        assert.equal(api.connections, 1);
      },
    ));

  test('an async function that never settles is an error, not null', () =>
    withFunction(commonJs('exports.handler = async () => new Promise(() => {})'), {}, async (_fn, api) => {
      const { kind, value } = await api.invoke(1, {});
      assert.equal(kind, 'error');
      assert.equal(value.errorType, 'Runtime.NodeJsExit');
      assert.match(value.errorMessage, /Promise that was never settled/);
    }));

  test('a callback waits for the event loop to drain, unless told not to; a promise never waits', () =>
    withFunction(
      commonJs(`
        exports.handler = (event, context, callback) => {
          const start = Date.now();
          const timer = setTimeout(() => { globalThis.drained = Date.now() - start; }, 150);
          context.callbackWaitsForEmptyEventLoop = event.wait ?? context.callbackWaitsForEmptyEventLoop;
          if (event.promise) return Promise.resolve({ toJSON: () => globalThis.drained ?? 'early' });
          callback(null, { toJSON: () => globalThis.drained ?? 'early' });
        };`),
      {},
      async (_fn, api) => {
        assert.equal((await api.invoke(1, { promise: true })).value, 'early');
        assert.equal((await api.invoke(2, { wait: false })).value, 'early');
        assert.ok((await api.invoke(3, {})).value >= 140);
      },
    ));

  test('open handles of earlier invocations do not stop later ones', () =>
    withFunction(
      commonJs(`
        exports.handler = (event, context, callback) => {
          context.callbackWaitsForEmptyEventLoop = false;
          setInterval(() => {}, 1000);
          callback(null, process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length);
        };`),
      {},
      async (_fn, api) => {
        for (let i = 1; i <= 3; i++) assert.equal((await api.invoke(i, {})).value, i);
      },
    ));

  test('the event must be JSON', () =>
    withFunction(commonJs('exports.handler = async () => 1'), {}, async (_fn, api) => {
      const { kind, value } = await api.invoke(1, '{"a":');
      assert.deepEqual([kind, value.errorType], ['error', 'SyntaxError']);
      assert.equal((await api.invoke(2, '{"a":1}')).value, 1);
    }));

  test('the context has every field of the Lambda context', () =>
    withFunction(
      commonJs(`
        exports.handler = async (event, context) => ({
          ...context,
          keys: Object.keys(context),
          remaining: context.getRemainingTimeInMillis(),
          trace: process.env._X_AMZN_TRACE_ID ?? null,
          ours: Object.keys(process.env).filter((name) => name.startsWith('SURGETANK')),
        });`),
      { api: { unix: true }, logPipe: true },
      async (_fn, api) => {
        const { value } = await api.invoke(1, {}, {
          'Lambda-Runtime-Trace-Id': 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1',
          'Lambda-Runtime-Client-Context': '{"custom":{"key":"välue"}}',
          'Lambda-Runtime-Cognito-Identity': '{"cognitoIdentityId":"id","cognitoIdentityPoolId":"pool"}',
          'Lambda-Runtime-Aws-Tenant-Id': 'tenant-1',
        });
        assert.equal(value.functionName, 'orders');
        assert.equal(value.functionVersion, '$LATEST');
        assert.equal(value.memoryLimitInMB, '128');
        assert.equal(value.logGroupName, '/aws/lambda/orders');
        assert.equal(value.logStreamName, '2025/01/01/[$LATEST]00');
        assert.equal(value.invokedFunctionArn, ARN);
        assert.equal(value.awsRequestId, requestId(1));
        assert.equal(value.tenantId, 'tenant-1');
        assert.equal(value.callbackWaitsForEmptyEventLoop, true);
        assert.deepEqual(value.clientContext, { custom: { key: 'välue' } });
        assert.deepEqual(value.identity, { cognitoIdentityId: 'id', cognitoIdentityPoolId: 'pool' });
        assert.ok(value.remaining > 2000 && value.remaining <= 3000, String(value.remaining));
        assert.match(value.trace, /^Root=1-5bef4de7/);
        assert.deepEqual(value.ours, []);
        for (const name of ['done', 'succeed', 'fail', 'getRemainingTimeInMillis']) assert.ok(value.keys.includes(name), name);

        const second = (await api.invoke(2, {})).value;
        assert.equal(second.trace, null);
        assert.equal('clientContext' in second, false);

        const broken = await api.invoke(3, {}, { 'Lambda-Runtime-Client-Context': '{' });
        assert.deepEqual([broken.kind, broken.value.errorType], ['error', 'Error']);
        assert.match(broken.value.errorMessage, /^Cannot parse ClientContext as json: SyntaxError/);
      },
    ));
});

describe('loading', { concurrency: 4 }, () => {
  const answers = async (files, options, expected) =>
    withFunction(files, options, async (fn, api) => {
      const { kind, value } = await Promise.race([
        api.invoke(1, {}),
        fn.exited().then(() => assert.fail(`exited: ${api.posts[0]?.body} ${fn.err}`)),
      ]);
      assert.deepEqual([kind, value], ['response', expected]);
    });

  test('a file in a folder, exports nested in objects', () =>
    answers({ 'src/lib/app.js': 'exports.api = { v1: { get: async () => "nested" } }' }, { handler: 'src/lib/app.api.v1.get' }, 'nested'));
  test('.cjs beside type: module', () =>
    answers({ 'package.json': '{"type":"module"}', 'index.cjs': 'exports.handler = async () => "cjs"' }, {}, 'cjs'));
  test('.js of a package of type module is an ES module with top-level await', () =>
    answers(
      {
        'package.json': '{"type":"module"}',
        'index.js': 'const v = await new Promise((r) => setTimeout(() => r("esm"), 5)); export const handler = async () => v;',
      },
      {},
      'esm',
    ));
  test('.mjs imports packages of the task and reads import.meta', () =>
    answers(
      {
        'node_modules/dep/package.json': '{"name":"dep","type":"module","exports":"./main.js"}',
        'node_modules/dep/main.js': 'export default "dep";',
        'index.mjs': 'import dep from "dep"; export const handler = async () => [dep, import.meta.url.endsWith("/index.mjs")];',
      },
      {},
      ['dep', true],
    ));
  test('a package of the task as the handler module', () =>
    answers(
      { 'node_modules/pkg/package.json': '{"main":"m.js"}', 'node_modules/pkg/m.js': 'exports.handler = async () => "pkg"' },
      { handler: 'pkg.handler' },
      'pkg',
    ));
  const layer = {
    'layer/node_modules/dep/package.json': '{"name":"dep","main":"main.js"}',
    'layer/node_modules/dep/main.js': 'module.exports = "from a layer"',
  };
  const task = { LAMBDA_TASK_ROOT: '<dir>/task', NODE_PATH: '/does/not/exist:<dir>/layer/node_modules' };
  test('require finds packages of NODE_PATH', () =>
    answers({ ...layer, 'task/index.js': 'exports.handler = async () => require("dep")' }, { env: task }, 'from a layer'));
  test('import finds packages of NODE_PATH', () =>
    answers({ ...layer, 'task/index.mjs': 'import dep from "dep"; export const handler = async () => dep;' }, { env: task }, 'from a layer'));

  test('a missing module is Runtime.ImportModuleError', async () => {
    const error = await initError({}, { handler: 'index.handler' });
    assert.equal(error.errorType, 'Runtime.ImportModuleError');
    assert.equal(error.type, 'Runtime.ImportModuleError');
    assert.match(error.errorMessage, /^Error: Cannot find module 'index'\nRequire stack:/);
    assert.match(error.trace[0], /^Runtime\.ImportModuleError: Error: Cannot find module 'index'/);
    assert.equal(error.code, 129);
    assert.match(error.out, new RegExp(`^${ISO}\tundefined\tERROR\tUncaught Exception \t\\{"errorType":"Runtime.ImportModuleError"`));
  });
  test('a missing dependency of a CommonJS module is Runtime.ImportModuleError', async () => {
    const error = await initError(commonJs('require("nope")'));
    assert.match(error.errorMessage, /^Error: Cannot find module 'nope'/);
    assert.equal(error.errorType, 'Runtime.ImportModuleError');
  });
  test('a missing import of an ES module keeps its own type', async () => {
    const error = await initError(moduleJs('import "nope"; export const handler = 1;'));
    assert.equal(error.errorType, 'Error');
    assert.match(error.errorMessage, /^Cannot find package 'nope' imported from /);
  });
  test('a syntax error names the file', async () => {
    const error = await initError(commonJs('exports.handler = async () => { return {;'));
    assert.equal(error.errorType, 'Runtime.UserCodeSyntaxError');
    assert.match(error.errorMessage, /^SyntaxError: Unexpected token/);
    assert.match(error.trace[0], /index\.js:1$/);
  });
  test('an absent export and a value that is no function are Runtime.HandlerNotFound', async () => {
    const absent = await initError(commonJs('exports.other = 1'));
    assert.deepEqual([absent.errorType, absent.errorMessage], ['Runtime.HandlerNotFound', 'index.handler is undefined or not exported']);
    const value = await initError(moduleJs('export const handler = { a: 1 };'));
    assert.deepEqual([value.errorType, value.errorMessage], ['Runtime.HandlerNotFound', 'index.handler is not a function']);
  });
  test('malformed handler names', async () => {
    const bare = await initError(commonJs(''), { handler: 'handler' });
    assert.deepEqual([bare.errorType, bare.errorMessage], ['Runtime.MalformedHandlerName', 'Bad handler']);
    const upward = await initError(commonJs(''), { handler: '../index.handler' });
    assert.equal(upward.errorType, 'Runtime.MalformedHandlerName');
    assert.match(upward.errorMessage, /^'\.\.\/index\.handler' is not a valid handler name\. Use absolute paths/);
  });
  test('an exception while loading is reported as itself', async () => {
    const error = await initError(commonJs('throw new RangeError("bad config")'));
    assert.deepEqual([error.errorType, error.errorMessage, error.code], ['RangeError', 'bad config', 129]);
    assert.match(error.trace[1], /index\.js:1/);
  });
  test('a rejection nobody handles while loading is an init error', async () => {
    const error = await initError(
      moduleJs('Promise.reject(new Error("lost")); await new Promise((r) => setTimeout(r, 100)); export const handler = async () => 1;'),
    );
    assert.deepEqual([error.errorType, error.errorMessage, error.code], ['Runtime.UnhandledPromiseRejection', 'Error: lost', 128]);
  });
  test('a top-level await that never settles exits with 13', () =>
    withFunction(moduleJs('await new Promise(() => {}); export const handler = 1;'), {}, async (fn, api) => {
      assert.equal(await fn.exited(), 13);
      assert.equal(api.posts.length, 0);
      assert.match(fn.err, /top-level await/);
    }));
  test('response streaming is refused by name', async () => {
    const error = await initError(commonJs('exports.handler = awslambda.streamifyResponse(async () => {})'));
    assert.match(error.errorMessage, /^awslambda\.streamifyResponse is not supported/);
  });
  test('a callback handler is refused where the function claims Node 24', async () => {
    const error = await initError(commonJs('exports.handler = (e, c, cb) => cb(null, 1)'), { env: { AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' } });
    assert.equal(error.errorType, 'Runtime.CallbackHandlerDeprecated');
  });
  test('without a Runtime API address the process fails', () =>
    withFunction(commonJs(''), { env: { AWS_LAMBDA_RUNTIME_API: '' } }, async (fn) => {
      assert.notEqual(await fn.exited(), 0);
      assert.match(fn.err, /AWS_LAMBDA_RUNTIME_API/);
    }));
});

describe('a broken process', { concurrency: 4 }, () => {
  test('an uncaught exception fails the invocation and exits with 129', () =>
    withFunction(commonJs('exports.handler = (e, c, cb) => { setTimeout(() => { throw new Error("late"); }, 1); }'), {}, async (fn, api) => {
      const { kind, value, post } = await api.invoke(1, {});
      assert.deepEqual([kind, value.errorType, value.errorMessage], ['error', 'Error', 'late']);
      assert.equal(post.withNext, false);
      assert.equal(await fn.exited(), 129);
      assert.match(fn.out, new RegExp(`^${ISO}\t${requestId(1)}\tERROR\tUncaught Exception \t\\{"errorType":"Error","errorMessage":"late","stack":\\[`));
    }));
  test('an unhandled rejection fails the invocation and exits with 128', () =>
    withFunction(commonJs('exports.handler = (e, c, cb) => { Promise.reject(new Error("lost")); setTimeout(cb, 1000); }'), {}, async (fn, api) => {
      const { kind, value } = await api.invoke(1, {});
      assert.deepEqual([kind, value.errorType, value.errorMessage], ['error', 'Runtime.UnhandledPromiseRejection', 'Error: lost']);
      assert.equal(await fn.exited(), 128);
      assert.match(fn.out, /"reason":\{"errorType":"Error","errorMessage":"lost"/);
    }));
  test('a rejection forgotten by a handler that returned keeps the result, and no next event is asked for', () =>
    withFunction(commonJs('exports.handler = async () => { Promise.reject(new Error("lost")); return "fine"; }'), {}, async (fn, api) => {
      const { kind, value, post } = await api.invoke(1, {});
      assert.deepEqual([kind, value, post.withNext], ['response', 'fine', false]);
      assert.equal(await fn.exited(), 128);
      assert.equal(api.nextCount, 1);
    }));
  test('process.exit in the handler ends the process with that status and keeps the log', () =>
    withFunction(commonJs('exports.handler = () => { console.log("bye"); process.stdout.write("x".repeat(300000)); process.exit(7); }'), {}, async (fn, api) => {
      api.push(1, {});
      assert.equal(await fn.exited(), 7);
      assert.equal(api.posts.length, 0);
      assert.match(fn.out, /\tINFO\tbye\nx{300000}$/);
    }));
});

describe('the log', { concurrency: 4 }, () => {
  const talk = `
    exports.handler = async () => {
      console.log('one %s', 'arg', { a: [1, { b: 2 }] });
      console.info('two\\nlines'); console.warn('w'); console.error(new Error('boom')); console.debug('d'); console.trace('t');
      process.stdout.write('raw out\\n'); process.stderr.write('raw err\\n');
      console.table?.([{ a: 1 }]);
      return 'ok';
    };`;

  test('text lines carry time, request id and level; newlines become carriage returns', () =>
    withFunction(commonJs(`console.log('loading');${talk}`), {}, async (fn, api) => {
      await api.invoke(1, {});
      await eventually(() => fn.out.includes('└'));
      const lines = fn.out.split('\n');
      assert.match(lines[0], new RegExp(`^${ISO}\tundefined\tINFO\tloading$`));
      assert.match(lines[1], new RegExp(`^${ISO}\t${requestId(1)}\tINFO\tone arg \\{ a: \\[ 1, \\{ b: 2 \\} \\] \\}$`));
      assert.match(lines[2], /\tINFO\ttwo\rlines$/);
      assert.match(lines[3], /\tWARN\tw$/);
      assert.match(lines[4], /\tERROR\tError: boom\r {4}at /);
      assert.match(lines[5], /\tDEBUG\td$/);
      assert.match(lines[6], /\tTRACE\tt$/);
      assert.equal(lines[7], 'raw out');
      assert.match(lines[8], /\tINFO\t┌.*\r/);
      assert.equal(fn.err, 'raw err\n');
    }));

  test('with a log pipe every console call is one frame with its time, newlines kept', () =>
    withFunction(commonJs(talk), { logPipe: true }, async (fn, api) => {
      const before = Date.now();
      await api.invoke(1, {});
      const frames = await eventually(() => fn.log.includes('└') && fn.frames());
      assert.equal(frames.length, 7);
      assert.match(frames[1].text, new RegExp(`^${ISO}\t${requestId(1)}\tINFO\ttwo\nlines\n$`));
      assert.match(frames[3].text, /\tERROR\tError: boom\n {4}at /);
      for (const { timeUs } of frames) assert.ok(timeUs >= before * 1000 && timeUs <= (Date.now() + 1) * 1000);
      assert.equal(frames[0].text.slice(0, 24), new Date(frames[0].timeUs / 1000).toISOString());
      assert.equal(fn.out, 'raw out\n');
    }));

  test('an error result is logged once as one line of JSON', () =>
    withFunction(
      commonJs('exports.handler = async () => { throw Object.assign(new Error("b\\nc"), { code: "E", extra: 1 }); }'),
      { logPipe: true },
      async (fn, api) => {
        await api.invoke(1, {});
        const [frame] = await eventually(() => fn.log.length > 0 && fn.frames());
        const [, json] = new RegExp(`^${ISO}\t${requestId(1)}\tERROR\tInvoke Error \t(.*)\n$`).exec(frame.text);
        const logged = JSON.parse(json);
        assert.deepEqual(Object.keys(logged), ['errorType', 'errorMessage', 'code', 'extra', 'stack']);
        assert.equal(logged.errorMessage, 'b\nc');
        assert.equal(fn.frames().length, 1);
      },
    ));

  test('AWS_LAMBDA_LOG_FORMAT=JSON writes one JSON object per call', () =>
    withFunction(
      commonJs(`
        exports.handler = async (event) => {
          console.log({ order: 1 }); console.warn('text'); console.info('a %d', 1, { b: 2 });
          console.error('failed:', new TypeError('t')); console.error(new TypeError('alone'));
          const circular = {}; circular.self = circular; console.log(circular);
          throw new Error('out');
        };`),
      { env: { AWS_LAMBDA_LOG_FORMAT: 'JSON' } },
      async (fn, api) => {
        await api.invoke(1, {});
        const lines = await eventually(() => fn.out.split('\n').length === 8 && fn.out.split('\n').slice(0, 7).map((line) => JSON.parse(line)));
        for (const line of lines) {
          assert.match(line.timestamp, new RegExp(`^${ISO}$`));
          assert.equal(line.requestId, requestId(1));
        }
        assert.deepEqual([lines[0].level, lines[0].message], ['INFO', { order: 1 }]);
        assert.deepEqual([lines[1].level, lines[1].message], ['WARN', 'text']);
        assert.equal(lines[2].message, 'a 1 { b: 2 }');
        assert.match(lines[3].message, /^failed: TypeError: t\n/);
        assert.deepEqual([lines[3].errorType, lines[3].errorMessage, lines[3].stackTrace[0]], ['TypeError', 't', 'TypeError: t']);
        assert.deepEqual([lines[4].message.errorType, lines[4].message.errorMessage], ['TypeError', 'alone']);
        assert.match(lines[5].message, /Circular/);
        assert.deepEqual([lines[6].level, lines[6].message.errorMessage], ['ERROR', 'out']);
      },
    ));

  test('AWS_LAMBDA_LOG_LEVEL drops what is below it', () =>
    withFunction(commonJs(talk), { env: { AWS_LAMBDA_LOG_LEVEL: 'warn' }, logPipe: true }, async (fn, api) => {
      await api.invoke(1, {});
      const frames = await eventually(() => fn.frames().length >= 2 && fn.frames());
      assert.deepEqual(frames.map((frame) => frame.text.split('\t')[2]), ['WARN', 'ERROR']);
    }));

  for (const [name, print] of [
    ['console', 'console.log("y".repeat(3000000))'],
    ['process.stdout', 'process.stdout.write("y".repeat(3000000))'],
  ]) {
    test(`the result leaves only after all of ${name} is written, however slow the reader`, () =>
      withFunction(commonJs(`exports.handler = async () => { ${print}; return 1; }`), { logPipe: true, autoRead: false }, async (fn, api) => {
        api.push(1, {});
        await pause(400);
        assert.equal(api.posts.length, 0, 'posted although the pipe is full');
        fn.readOutput();
        await api.postsUntil(1);
        await eventually(() => fn.out.length + fn.log.length >= 3000000);
        const text = name === 'console' ? fn.frames()[0].text : fn.out;
        assert.equal(text.match(/y+/)[0].length, 3000000);
      }));
  }

  test('a reader that went away does not hurt the function', () =>
    withFunction(commonJs('exports.handler = async () => { console.log("x"); process.stdout.write("x"); return 1; }'), { logPipe: true }, async (fn, api) => {
      fn.child.stdout.destroy();
      fn.child.stdio[3].destroy();
      assert.equal((await api.invoke(1, {})).value, 1);
      assert.equal((await api.invoke(2, {})).value, 1);
    }));
});

describe('the Runtime API connection', { concurrency: 4 }, () => {
  const echo = commonJs('exports.handler = async (event) => event');
  const event = { text: 'ünïcödé ✓ 𝄞', list: [1, 2.5, null, true] };

  const splitters = {
    'one byte at a time': (socket, bytes) => bytes.forEach((byte) => socket.write(Buffer.from([byte]))),
    'in three pieces': (socket, bytes) => {
      const third = Math.ceil(bytes.length / 3);
      socket.write(bytes.subarray(0, third));
      setTimeout(() => socket.write(bytes.subarray(third, 2 * third)), 10);
      setTimeout(() => socket.write(bytes.subarray(2 * third)), 20);
    },
  };
  for (const [name, writeReply] of Object.entries(splitters)) {
    for (const chunked of [false, true]) {
      test(`replies ${chunked ? 'chunked ' : ''}arriving ${name}`, () =>
        withFunction(echo, { api: { writeReply: name === 'in three pieces' ? undefined : writeReply, chunked } }, async (_fn, api) => {
          for (let i = 0; i < 3; i++) assert.deepEqual((await api.invoke(i, event)).value, event);
          if (name !== 'in three pieces') return;
          api.options.writeReply = (socket, bytes) => (bytes.includes('Request-Id') ? writeReply(socket, bytes) : socket.write(bytes));
          assert.deepEqual((await api.invoke(9, event)).value, event);
        }));
    }
  }

  test('6 MB in and out', () =>
    withFunction(echo, { api: { unix: true } }, async (_fn, api) => {
      const big = { data: 'é'.repeat(3_000_000) };
      for (let i = 0; i < 2; i++) {
        const { value, post } = await api.invoke(i, big);
        assert.equal(value.data.length, 3_000_000);
        assert.deepEqual(value, big);
        assert.equal(post.withNext, false);
      }
      assert.deepEqual((await api.invoke(3, event)).value, event);
      assert.equal(api.connections, 1);
    }));

  test('a server that closes after each reply is connected to again', () =>
    withFunction(echo, { api: { closeAfterPost: true } }, async (_fn, api) => {
      for (let i = 0; i < 3; i++) assert.deepEqual((await api.invoke(i, event)).value, event);
      assert.ok(api.connections >= 3);
    }));

  for (const status of [400, 403]) {
    test(`${status} for a result is logged and the loop goes on`, () =>
      withFunction(echo, { api: { statusOf: ({ body }) => (body === '"odd"' ? { status, body: '{"errorType":"X"}' } : undefined) } }, async (fn, api) => {
        await api.invoke(1, '"odd"');
        assert.deepEqual((await api.invoke(2, event)).value, event);
        assert.match(fn.err, new RegExp(`Failed to post handler success response\\. Http response code: ${status}\\.`));
      }));
  }

  const tooLarge = { status: 413, body: '{"errorType":"RequestEntityTooLarge","errorMessage":"Exceeded maximum allowed payload size (6291556 bytes)."}' };
  test('413 for a result makes it the error Function.ResponseSizeTooLarge', () =>
    withFunction(
      commonJs('exports.handler = async (event) => "z".repeat(event.size)'),
      { api: { statusOf: ({ path, body }) => (path.endsWith('/response') && body.length > 6291556 ? tooLarge : undefined) } },
      async (_fn, api) => {
        api.push(1, { size: 7_000_000 });
        const posts = await api.postsUntil(2);
        assert.match(posts[1].path, /000000000001\/error$/);
        assert.deepEqual(JSON.parse(posts[1].body), {
          errorType: 'Function.ResponseSizeTooLarge',
          errorMessage: 'Response payload size exceeded maximum allowed payload size (6291556 bytes).',
          trace: [],
        });
        assert.equal((await api.invoke(2, { size: 2 })).value, 'zz');
      },
    ));

  test('413 for a pipelined result: the error is posted if the server then refuses the next event', () => {
    let refuse = false;
    const statusOf = ({ path }) => {
      if (!path.endsWith('/response')) return undefined;
      refuse = true;
      return tooLarge;
    };
    const nextStatus = () => {
      const status = refuse ? 403 : 200;
      refuse = false;
      return status;
    };
    return withFunction(echo, { api: { statusOf, nextStatus } }, async (_fn, api) => {
      api.push(1, event);
      const posts = await api.postsUntil(2);
      assert.equal(JSON.parse(posts[1].body).errorType, 'Function.ResponseSizeTooLarge');
    });
  });

  test('500 ends the process', () =>
    withFunction(echo, { api: { statusOf: () => ({ status: 500, body: '{}' }) } }, async (fn, api) => {
      await api.invoke(1, event);
      assert.equal(await fn.exited(), 1);
    }));

  test('a refused next event and a lost connection end the process', async () => {
    await withFunction(echo, { api: { nextStatus: () => 403 } }, async (fn) => {
      assert.equal(await fn.exited(), 1);
      assert.match(fn.err, /Failed to get next invocation\. Http response code: 403/);
    });
    await withFunction(echo, {}, async (fn, api) => {
      await api.invoke(1, event);
      for (const socket of api.sockets) socket.destroy();
      assert.equal(await fn.exited(), 1);
    });
  });

  test('malformed replies are refused', () => {
    const { ResponseParser } = createRequire(import.meta.url)('./runtime_client.cjs');
    const parse = (text) => {
      const messages = [];
      const parser = new ResponseParser((status, headers, body) => messages.push([status, body.toString()]));
      parser.feed(Buffer.from(text));
      parser.end();
      return messages;
    };
    assert.deepEqual(parse('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 \r\nContent-Length: 2\r\n\r\nokHTTP/1.1 204 No\r\n\r\n'), [[202, 'ok'], [204, '']]);
    assert.deepEqual(parse('HTTP/1.0 200 OK\r\n\r\nuntil the end'), [[200, 'until the end']]);
    for (const bad of [
      'HTTP/2 200\r\n\r\n',
      'ICY 200 OK\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n',
      'HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n',
      'HTTP/1.1 200 OK\r\nnot a header\r\n\r\n',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip\r\n\r\n',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n',
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nabc',
      `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(300 * 1024)}`,
    ]) {
      assert.throws(() => parse(bad), Error, bad.slice(0, 60));
    }
  });
});

describe('a pre-started process', { concurrency: 4 }, () => {
  const files = commonJs('exports.handler = async () => ({ cwd: process.cwd(), zone: new Date(0).getHours(), env: process.env })');

  test('becomes the environment it is told to be', async () => {
    const fn = await FunctionProcess.start(files, { zygote: true, logPipe: true, api: { unix: true }, env: { TZ: 'Asia/Tokyo', COLOUR: 'blå' } });
    try {
      await eventually(() => fn.zygoteLines.endsWith('\n'));
      assert.deepEqual(JSON.parse(fn.zygoteLines), { ready: true, pid: fn.child.pid });
      fn.zygoteLines = '';
      const line = `${JSON.stringify({ env: fn.environment, cwd: fn.directory })}\n`;
      fn.child.stdio[4].write(line.slice(0, 50));
      await pause(10);
      fn.child.stdio[4].write(line.slice(50));
      const { value } = await fn.api.invoke(1, {});
      assert.deepEqual(JSON.parse(fn.zygoteLines), { accepted: true });
      assert.equal(value.cwd, fn.directory);
      assert.equal(value.zone, 9);
      assert.equal(value.env.COLOUR, 'blå');
      assert.equal('UNWANTED' in value.env, false);
      assert.equal('SURGETANK_ZYGOTE_FD' in value.env, false);
    } finally {
      await fn.stop();
    }
  });

  test('refuses variables that only a new process can honour', async () => {
    const fn = await FunctionProcess.start(files, { zygote: true, env: { NODE_OPTIONS: '--max-old-space-size=64' } });
    try {
      fn.child.stdio[4].write(`${JSON.stringify({ env: fn.environment, cwd: fn.directory })}\n`);
      assert.equal(await fn.exited(), 0);
      const answer = JSON.parse(fn.zygoteLines.split('\n')[1]);
      assert.equal(answer.accepted, false);
      assert.match(answer.reason, /^NODE_OPTIONS/);
    } finally {
      await fn.stop();
    }
  });

  test('ends when its channel closes', async () => {
    const fn = await FunctionProcess.start(files, { zygote: true });
    try {
      await eventually(() => fn.zygoteLines.endsWith('\n'));
      fn.child.stdio[4].destroy();
      assert.equal(await fn.exited(), 0);
    } finally {
      await fn.stop();
    }
  });
});
