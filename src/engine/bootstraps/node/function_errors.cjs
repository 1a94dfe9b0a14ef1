'use strict';
// The shapes in which a JavaScript failure leaves the function: the Runtime API's {errorType, errorMessage, trace}, the
// one-line JSON in the log, and the runtime's own error classes with the names and texts AWS users know.

const { types } = require('node:util');

function defineError(name) {
  const type = { [name]: class extends Error {} }[name];
  Object.defineProperty(type.prototype, 'name', { value: `Runtime.${name}`, configurable: true, writable: true });
  return type;
}

const ImportModuleError = defineError('ImportModuleError');
const HandlerNotFound = defineError('HandlerNotFound');
const MalformedHandlerName = defineError('MalformedHandlerName');
const UserCodeSyntaxError = defineError('UserCodeSyntaxError');
const CallbackHandlerDeprecated = defineError('CallbackHandlerDeprecated');
const NodeJsExit = defineError('NodeJsExit');
const UnhandledPromiseRejection = defineError('UnhandledPromiseRejection');

/** Keeps the stack of the original: it shows the file and the line. */
function userCodeSyntaxError(original) {
  const error = new UserCodeSyntaxError(String(original));
  error.stack = original.stack;
  return error;
}

function nodeJsExit() {
  return new NodeJsExit(
    'The Lambda runtime client detected an unexpected Node.js exit code. This is most commonly caused by a Promise that ' +
      'was never settled. For more information, see https://nodejs.org/docs/latest/api/process.html#exit-codes',
  );
}

function unhandledRejection(reason, promise) {
  let text;
  try {
    text = String(reason);
  } catch {
    text = 'a promise was rejected with a value that has no text';
  }
  const error = new UnhandledPromiseRejection(text);
  error.reason = reason;
  error.promise = promise;
  return error;
}

/** Errors of other realms and look-alikes count, as long as name, message and stack are non-empty strings. */
function looksLikeError(value) {
  const filled = (text) => typeof text === 'string' && text !== '';
  return value !== null && typeof value === 'object' && filled(value.name) && filled(value.message) && filled(value.stack);
}

/** Any thrown value -> the body of a Runtime API error. Never throws. */
function toRuntimeError(error) {
  try {
    if (types.isNativeError(error) || looksLikeError(error)) {
      return { errorType: String(error.name), errorMessage: String(error.message), trace: error.stack.split('\n') };
    }
    return { errorType: typeof error, errorMessage: error.toString(), trace: [] };
  } catch {
    return {
      errorType: 'handled',
      errorMessage:
        'callback called with Error argument, but there was a problem while retrieving one or more of its message, name, and stack',
      trace: [],
    };
  }
}

function asError(value) {
  if (value instanceof Error) return value;
  try {
    return new Error(value);
  } catch {
    return new Error('a value that has no text was thrown');
  }
}

/** name, message and stack are not enumerable: this replacer makes JSON.stringify show them, own properties too. */
function showErrors(_key, value) {
  if (!(value instanceof Error)) return value;
  const shown = { errorType: value.name, errorMessage: value.message, code: value.code, ...value };
  if (typeof value.stack === 'string') shown.stack = value.stack.split('\n');
  return shown;
}

/** The error as one line for the text log; it begins with a tab. */
function toLogText(error) {
  try {
    return `\t${JSON.stringify(error, showErrors)}`;
  } catch {
    return `\t${JSON.stringify(toRuntimeError(error))}`;
  }
}

module.exports = {
  CallbackHandlerDeprecated,
  HandlerNotFound,
  ImportModuleError,
  MalformedHandlerName,
  asError,
  nodeJsExit,
  toLogText,
  toRuntimeError,
  unhandledRejection,
  userCodeSyntaxError,
};
