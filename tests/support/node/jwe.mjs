// JWE by npm's jose, a second implementation. Reads a list of tasks on stdin, writes the answers:
// {"do": "open", "jwe", "key"}                  -> {"plain", "header"} or {"error"}
// {"do": "seal", "plain", "key", "header"}      -> {"jwe"}
// A key is hex: 32 bytes for "dir", {"private": hex} or {"public": hex} of X25519. Plain is hex.
import { readFileSync } from "node:fs";
import { createPrivateKey, createPublicKey } from "node:crypto";
import { CompactEncrypt, compactDecrypt } from "jose";

const hex = (text) => Buffer.from(text, "hex");
// RFC 8410: the fixed bytes before an X25519 key in PKCS #8 and in SubjectPublicKeyInfo.
const PKCS8 = hex("302e020100300506032b656e04220420");
const SPKI = hex("302a300506032b656e032100");

function imported(key) {
  if (key.private) {
    const der = Buffer.concat([PKCS8, hex(key.private)]);
    return createPrivateKey({ key: der, format: "der", type: "pkcs8" });
  }
  if (key.public) {
    const der = Buffer.concat([SPKI, hex(key.public)]);
    return createPublicKey({ key: der, format: "der", type: "spki" });
  }
  return hex(key);
}

async function answer(task) {
  try {
    if (task.do === "open") {
      const { plaintext, protectedHeader } = await compactDecrypt(task.jwe, imported(task.key));
      return { plain: Buffer.from(plaintext).toString("hex"), header: protectedHeader };
    }
    const sealing = new CompactEncrypt(hex(task.plain)).setProtectedHeader(task.header);
    return { jwe: await sealing.encrypt(imported(task.key)) };
  } catch (error) {
    return { error: error.code ?? error.name };
  }
}

const tasks = JSON.parse(readFileSync(0, "utf-8"));
console.log(JSON.stringify(await Promise.all(tasks.map(answer))));
