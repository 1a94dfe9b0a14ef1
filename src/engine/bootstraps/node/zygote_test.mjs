// Rules of a pre-started Node process.

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { FunctionProcess, eventually } from './testing/fake_runtime_api.mjs';

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

describe('a pre-started process', { concurrency: 4 }, () => {
  const files = {
    'index.js':
      'exports.handler = async () => ({ dep: require("dep"), cwd: process.cwd(), zone: new Date(0).getHours(), env: process.env })',
    'layer/node_modules/dep/index.js': 'module.exports = "from a layer"',
  };

  test('becomes the environment it is told to be', async () => {
    const env = { TZ: 'Asia/Tokyo', COLOUR: 'blå', NODE_PATH: '<dir>/layer/node_modules' };
    const fn = await FunctionProcess.start(files, { zygote: true, logPipe: true, api: { unix: true }, env });
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
      assert.equal(value.dep, 'from a layer');
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
