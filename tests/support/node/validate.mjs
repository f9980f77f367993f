// Reads {schema, documents} on stdin, writes for each document whether it follows the schema.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const Ajv = createRequire(import.meta.url)("ajv/dist/2020").default;
const { schema, documents } = JSON.parse(readFileSync(0, "utf-8"));
const follows = new Ajv({ strict: true, strictTypes: false, strictRequired: false }).compile(schema);
console.log(JSON.stringify(documents.map((one) => follows(one))));
