'use strict';
// Entry of the Node runtime: `node bootstrap.cjs` in the function's environment (see README.md). Wires the parts together.

const { RuntimeClient, parseTarget } = require('./runtime_client.cjs');
const { InvocationLoop, EXIT_UNCAUGHT_EXCEPTION } = require('./invocation.cjs');
const { loadHandler } = require('./handler_loader.cjs');
const logOutput = require('./log_output.cjs');

const EXIT_RUNTIME_API_FAILED = 1;

function take(name) {
  const value = process.env[name];
  delete process.env[name]; // ours, not the function's
  return value;
}

async function run() {
  const target = parseTarget(take('SURGETANK_RUNTIME_SOCKET'), process.env.AWS_LAMBDA_RUNTIME_API);
  const logger = logOutput.install(process.env);
  const report = (line) => logOutput.writeAll(2, Buffer.from(`${line.replaceAll('\n', '\r')}\n`));
  const onFatal = (error) => {
    report(`LAMBDA_RUNTIME ${error.message}`);
    process.exit(EXIT_RUNTIME_API_FAILED);
  };
  const loop = new InvocationLoop({
    client: new RuntimeClient(target, { onFatal, report }),
    logger,
    environment: process.env,
  });
  loop.installProcessHandlers();
  let handler;
  try {
    const root = process.env.LAMBDA_TASK_ROOT ?? process.cwd();
    handler = await loadHandler(root, process.env._HANDLER ?? '', process.env);
  } catch (error) {
    loop.die('Uncaught Exception', error, EXIT_UNCAUGHT_EXCEPTION);
    return;
  }
  loop.start(handler);
}

const zygoteFd = take('SURGETANK_ZYGOTE_FD');
if (zygoteFd === undefined) run();
else require('./zygote.cjs').waitForRequest(Number(zygoteFd), run);
