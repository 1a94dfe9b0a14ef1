// Which cures are on. Each is one switch of the template; off is how applications start.
const isOn = (name) => process.env[name] === "on";

export const reusesConnection = isOn("REUSE_CONNECTION");
export const cachesSecret = isOn("CACHE_SECRET");
export const embedsMetrics = isOn("EMBED_METRICS");
export const compresses = isOn("COMPRESS");
