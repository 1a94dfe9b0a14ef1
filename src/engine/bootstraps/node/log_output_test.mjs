// Rules of what a Node function prints.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { eventually, requestId, withFunction } from './testing/fake_runtime_api.mjs';

const ISO = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z`;
const commonJs = (code) => ({ 'index.js': code });
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

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
        const lines = await eventually(
          () =>
            fn.out.split('\n').length === 8 &&
            fn.out
              .split('\n')
              .slice(0, 7)
              .map((line) => JSON.parse(line)),
        );
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
      assert.deepEqual(
        frames.map((frame) => frame.text.split('\t')[2]),
        ['WARN', 'ERROR'],
      );
    }));

  for (const [name, print] of [
    ['console', 'console.log("y".repeat(3000000))'],
    ['process.stdout', 'process.stdout.write("y".repeat(3000000))'],
  ]) {
    test(`the result leaves only after all of ${name} is written, however slow the reader`, () =>
      withFunction(
        commonJs(`exports.handler = async () => { ${print}; return 1; }`),
        { logPipe: true, autoRead: false },
        async (fn, api) => {
          api.push(1, {});
          await pause(400);
          assert.equal(api.posts.length, 0, 'posted although the pipe is full');
          fn.readOutput();
          await api.postsUntil(1);
          await eventually(() => fn.out.length + fn.log.length >= 3000000);
          const text = name === 'console' ? fn.frames()[0].text : fn.out;
          assert.equal(text.match(/y+/)[0].length, 3000000);
        },
      ));
  }

  test('a reader that went away does not hurt the function', () =>
    withFunction(
      commonJs('exports.handler = async () => { console.log("x"); process.stdout.write("x"); return 1; }'),
      { logPipe: true },
      async (fn, api) => {
        fn.child.stdout.destroy();
        fn.child.stdio[3].destroy();
        assert.equal((await api.invoke(1, {})).value, 1);
        assert.equal((await api.invoke(2, {})).value, 1);
      },
    ));
});
