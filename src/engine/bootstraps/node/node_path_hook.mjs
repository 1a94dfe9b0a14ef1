// Module hook (runs on Node's loader thread): a bare import that is found nowhere else is looked up in NODE_PATH.

import { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';

let folders = [];

export function initialize(data) {
  folders = data.folders;
}

export async function resolve(specifier, context, nextResolve) {
  try {
    return await nextResolve(specifier, context);
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND' || /^(\.{0,2}\/|[a-z]+:)/.test(specifier)) throw error;
    for (const folder of folders) {
      const found = await resolveIn(folder, specifier, context, nextResolve);
      if (found !== undefined) return found;
    }
    throw error;
  }
}

async function resolveIn(folder, specifier, context, nextResolve) {
  try {
    // Node searches the node_modules folders beside and above the importer, so pretend that the importer sits there.
    if (basename(folder) === 'node_modules') {
      return await nextResolve(specifier, { ...context, parentURL: pathToFileURL(join(dirname(folder), 'importer.mjs')).href });
    }
    const file = createRequire(join(folder, 'importer.js')).resolve(`./${specifier}`);
    return await nextResolve(pathToFileURL(file).href, context);
  } catch {
    return undefined;
  }
}
