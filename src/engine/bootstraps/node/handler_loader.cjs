'use strict';
// "dir/file.export.path" -> the function to call. Search order, module kinds and error texts are the Lambda Node runtime's.

const fs = require('node:fs');
const path = require('node:path');
const nodeModule = require('node:module');
const { pathToFileURL } = require('node:url');
const errors = require('./function_errors.cjs');

const FIRST_TYPESCRIPT_MAJOR = 24;
const FIRST_MAJOR_WITHOUT_CALLBACKS = 24;

function splitHandlerName(name) {
  if (name.includes('..')) {
    throw new errors.MalformedHandlerName(
      `'${name}' is not a valid handler name. Use absolute paths when specifying root directories in handler names.`,
    );
  }
  const base = path.basename(name);
  const directory = name.slice(0, name.indexOf(base));
  const match = /^([^.]*)\.(.*)$/.exec(base);
  if (match === null) throw new errors.MalformedHandlerName('Bad handler');
  return { directory, file: match[1], exportPath: match[2] };
}

/** What the nearest package.json says about .js files; node_modules ends the search. */
function isModulePackage(directory) {
  for (let folder = directory; !folder.endsWith('/node_modules'); folder = path.dirname(folder)) {
    const manifest = path.join(folder, 'package.json');
    if (fs.existsSync(manifest)) {
      try {
        return JSON.parse(fs.readFileSync(manifest, 'utf8'))?.type === 'module';
      } catch (error) {
        console.warn(`${manifest} cannot be read, it will be ignored for ES module detection purposes.`, error);
        return false;
      }
    }
    if (folder === path.dirname(folder)) break;
  }
  return false;
}

const requireIfExists = (file) => (fs.existsSync(file) ? require(file) : undefined);
const importIfExists = (file) => (fs.existsSync(file) ? import(pathToFileURL(file).href) : undefined);

async function loadModule(root, directory, file) {
  const target = path.resolve(root, directory, file);
  const isModule = isModulePackage(path.dirname(target));
  const hasTypeScript = Number(process.versions.node.split('.')[0]) >= FIRST_TYPESCRIPT_MAJOR;
  const found =
    requireIfExists(target) ??
    (isModule ? await importIfExists(`${target}.js`) : requireIfExists(`${target}.js`)) ??
    (await importIfExists(`${target}.mjs`)) ??
    requireIfExists(`${target}.cjs`) ??
    (hasTypeScript ? await loadTypeScript(target, isModule) : undefined);
  if (found !== undefined) return found;
  return require(require.resolve(file, { paths: [root, path.resolve(root, directory)] }));
}

async function loadTypeScript(target, isModule) {
  return (
    (isModule ? await importIfExists(`${target}.ts`) : requireIfExists(`${target}.ts`)) ??
    (await importIfExists(`${target}.mts`)) ??
    requireIfExists(`${target}.cts`)
  );
}

async function loadUserModule(root, directory, file) {
  try {
    return await loadModule(root, directory, file);
  } catch (error) {
    if (error instanceof SyntaxError) throw errors.userCodeSyntaxError(error);
    if (error?.code === 'MODULE_NOT_FOUND') throw new errors.ImportModuleError(error);
    throw error;
  }
}

function findExport(userModule, exportPath) {
  return exportPath.split('.').reduce((value, key) => value && value[key], userModule);
}

/** Node 24 functions of AWS no longer accept callbacks; saying so here saves a surprise there. */
function refuseCallbackHandler(handler, executionEnvironment) {
  const major = Number(/^AWS_Lambda_nodejs(\d+)\.x$/.exec(executionEnvironment ?? '')?.[1] ?? 0);
  if (major < FIRST_MAJOR_WITHOUT_CALLBACKS || handler.length < 3) return;
  throw new errors.CallbackHandlerDeprecated(
    'ERROR: AWS Lambda has removed support for callback-based function handlers starting with Node.js 24. You need to ' +
      'modify this function to use a supported handler signature to use Node.js 24 or later. For more information see ' +
      'https://docs.aws.amazon.com/lambda/latest/dg/nodejs-handler.html.',
  );
}

function installGlobals(environment) {
  if (['1', 'true'].includes(environment.AWS_LAMBDA_NODEJS_NO_GLOBAL_AWSLAMBDA)) return;
  const unsupported = (what) => {
    throw new Error(`${what} is not supported: Surgetank does not stream function responses yet. Return the whole response.`);
  };
  globalThis.awslambda = {
    streamifyResponse: () => unsupported('awslambda.streamifyResponse'),
    HttpResponseStream: { from: () => unsupported('awslambda.HttpResponseStream') },
  };
}

/**
 * Lambda lets `import` find packages of NODE_PATH (the layers) as `require` does; plain Node does not. The hook costs a
 * worker thread, so it is installed only if such a folder exists.
 */
function extendImportResolution(environment) {
  const folders = (environment.NODE_PATH ?? '').split(path.delimiter).filter((folder) => folder && fs.existsSync(folder));
  if (folders.length === 0 || nodeModule.register === undefined) return;
  nodeModule.register('./node_path_hook.mjs', { parentURL: pathToFileURL(__filename), data: { folders } });
}

async function loadHandler(root, name, environment) {
  const { directory, file, exportPath } = splitHandlerName(name);
  installGlobals(environment);
  extendImportResolution(environment);
  const handler = findExport(await loadUserModule(root, directory, file), exportPath);
  if (!handler) throw new errors.HandlerNotFound(`${name} is undefined or not exported`);
  if (typeof handler !== 'function') throw new errors.HandlerNotFound(`${name} is not a function`);
  refuseCallbackHandler(handler, environment.AWS_EXECUTION_ENV);
  return handler;
}

module.exports = { loadHandler, splitHandlerName };
