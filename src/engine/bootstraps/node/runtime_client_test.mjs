// Rules of the connection to the Runtime API.

import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { describe, test } from 'node:test';
import { eventually, withFunction } from './testing/fake_runtime_api.mjs';

const commonJs = (code) => ({ 'index.js': code });
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

describe('the Runtime API connection', { concurrency: 4 }, () => {
  const echo = commonJs('exports.handler = async (event) => event');
  const event = { text: 'ünïcödé ✓ 𝄞', list: [1, 2.5, null, true] };

  const splitters = {
    'one byte at a time': (socket, bytes) => bytes.forEach((byte) => socket.write(Buffer.from([byte]))),
    'in three pieces': async (socket, bytes) => {
      const third = Math.ceil(bytes.length / 3);
      for (let start = 0; start < bytes.length; start += third) {
        socket.write(bytes.subarray(start, start + third));
        await pause(10);
      }
    },
  };
  for (const [name, writeReply] of Object.entries(splitters)) {
    for (const chunked of [false, true]) {
      test(`replies ${chunked ? 'chunked ' : ''}arriving ${name}`, () =>
        withFunction(
          echo,
          { api: { writeReply: name === 'in three pieces' ? undefined : writeReply, chunked } },
          async (_fn, api) => {
            for (let i = 0; i < 3; i++) assert.deepEqual((await api.invoke(i, event)).value, event);
            if (name !== 'in three pieces') return;
            api.options.writeReply = (socket, bytes) =>
              bytes.includes('Request-Id') ? writeReply(socket, bytes) : socket.write(bytes);
            assert.deepEqual((await api.invoke(9, event)).value, event);
          },
        ));
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
      withFunction(
        echo,
        { api: { statusOf: ({ body }) => (body === '"odd"' ? { status, body: '{"errorType":"X"}' } : undefined) } },
        async (fn, api) => {
          await api.invoke(1, '"odd"');
          assert.deepEqual((await api.invoke(2, event)).value, event);
          await eventually(() => fn.err.includes(`Failed to post handler success response. Http response code: ${status}.`));
        },
      ));
  }

  const tooLarge = {
    status: 413,
    body: '{"errorType":"RequestEntityTooLarge","errorMessage":"Exceeded maximum allowed payload size (6291556 bytes)."}',
  };
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
    assert.deepEqual(parse('HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 202 \r\nContent-Length: 2\r\n\r\nokHTTP/1.1 204 No\r\n\r\n'), [
      [202, 'ok'],
      [204, ''],
    ]);
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
