// Rules of the Node bootstrap (handlers, loading, broken processes), each proved with a real process against a fake Runtime API.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { ARN, eventually, requestId, withFunction } from './testing/fake_runtime_api.mjs';

const ISO = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
const commonJs = (code) => ({ 'index.js': code });
const moduleJs = (code) => ({ 'index.mjs': code });

async function initError(files, options = {}) {
  return withFunction(files, options, async (fn, api) => {
    const code = await fn.exited();
    assert.equal(api.posts.length, 1, fn.err);
    assert.equal(api.posts[0].path, '/2018-06-01/runtime/init/error');
    assert.equal(api.nextCount, 0);
    return {
      code,
      type: api.posts[0].headers['lambda-runtime-function-error-type'],
      out: fn.out,
      ...JSON.parse(api.posts[0].body),
    };
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
        const { value } = await api.invoke(
          1,
          {},
          {
            'Lambda-Runtime-Trace-Id': 'Root=1-5bef4de7-ad49b0e87f6ef6c87fc2e700;Parent=9a9197af755a6419;Sampled=1',
            'Lambda-Runtime-Client-Context': '{"custom":{"key":"välue"}}',
            'Lambda-Runtime-Cognito-Identity': '{"cognitoIdentityId":"id","cognitoIdentityPoolId":"pool"}',
            'Lambda-Runtime-Aws-Tenant-Id': 'tenant-1',
          },
        );
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
    answers(
      { 'src/lib/app.js': 'exports.api = { v1: { get: async () => "nested" } }' },
      { handler: 'src/lib/app.api.v1.get' },
      'nested',
    ));
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
    answers(
      { ...layer, 'task/index.mjs': 'import dep from "dep"; export const handler = async () => dep;' },
      { env: task },
      'from a layer',
    ));

  test('a missing module is Runtime.ImportModuleError', async () => {
    const error = await initError({}, { handler: 'index.handler' });
    assert.equal(error.errorType, 'Runtime.ImportModuleError');
    assert.equal(error.type, 'Runtime.ImportModuleError');
    assert.match(error.errorMessage, /^Error: Cannot find module 'index'\nRequire stack:/);
    assert.match(error.trace[0], /^Runtime\.ImportModuleError: Error: Cannot find module 'index'/);
    assert.equal(error.code, 129);
    assert.match(
      error.out,
      new RegExp(`^${ISO}\tundefined\tERROR\tUncaught Exception \t\\{"errorType":"Runtime.ImportModuleError"`),
    );
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
    assert.deepEqual(
      [absent.errorType, absent.errorMessage],
      ['Runtime.HandlerNotFound', 'index.handler is undefined or not exported'],
    );
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
      moduleJs(
        'Promise.reject(new Error("lost")); await new Promise((r) => setImmediate(r)); export const handler = async () => 1;',
      ),
    );
    assert.deepEqual(
      [error.errorType, error.errorMessage, error.code],
      ['Runtime.UnhandledPromiseRejection', 'Error: lost', 128],
    );
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
    const error = await initError(commonJs('exports.handler = (e, c, cb) => cb(null, 1)'), {
      env: { AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs24.x' },
    });
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
    withFunction(
      commonJs('exports.handler = (e, c, cb) => { setTimeout(() => { throw new Error("late"); }, 1); }'),
      {},
      async (fn, api) => {
        const { kind, value, post } = await api.invoke(1, {});
        assert.deepEqual([kind, value.errorType, value.errorMessage], ['error', 'Error', 'late']);
        assert.equal(post.withNext, false);
        assert.equal(await fn.exited(), 129);
        assert.match(
          fn.out,
          new RegExp(
            `^${ISO}\t${requestId(1)}\tERROR\tUncaught Exception \t\\{"errorType":"Error","errorMessage":"late","stack":\\[`,
          ),
        );
      },
    ));
  test('an unhandled rejection fails the invocation and exits with 128', () =>
    withFunction(
      commonJs('exports.handler = (e, c, cb) => { Promise.reject(new Error("lost")); setTimeout(cb, 1000); }'),
      {},
      async (fn, api) => {
        const { kind, value } = await api.invoke(1, {});
        assert.deepEqual(
          [kind, value.errorType, value.errorMessage],
          ['error', 'Runtime.UnhandledPromiseRejection', 'Error: lost'],
        );
        assert.equal(await fn.exited(), 128);
        assert.match(fn.out, /"reason":\{"errorType":"Error","errorMessage":"lost"/);
      },
    ));
  test('a rejection forgotten by a handler that returned keeps the result, and no next event is asked for', () =>
    withFunction(
      commonJs('exports.handler = async () => { Promise.reject(new Error("lost")); return "fine"; }'),
      {},
      async (fn, api) => {
        const { kind, value, post } = await api.invoke(1, {});
        assert.deepEqual([kind, value, post.withNext], ['response', 'fine', false]);
        assert.equal(await fn.exited(), 128);
        assert.equal(api.nextCount, 1);
      },
    ));
  test('process.exit in the handler ends the process with that status and keeps the log', () =>
    withFunction(
      commonJs('exports.handler = () => { console.log("bye"); process.stdout.write("x".repeat(300000)); process.exit(7); }'),
      {},
      async (fn, api) => {
        api.push(1, {});
        assert.equal(await fn.exited(), 7);
        assert.equal(api.posts.length, 0);
        assert.match(fn.out, /\tINFO\tbye\nx{300000}$/);
      },
    ));
});
