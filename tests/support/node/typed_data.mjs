// EIP-712 by npm's ethers, a second implementation. Reads a list of full typed-data messages with
// their signatures on stdin: {"types", "primaryType", "domain", "message", "signature"}, and writes
// {"struct", "domain", "digest", "signer", "payload"} of each, the last as a wallet is given it. Numbers
// come as decimal strings: JavaScript's own are cut at 2^53.
import { readFileSync } from "node:fs";
import { TypedDataEncoder, recoverAddress } from "ethers";

function answer({ types, primaryType, domain, message, signature }) {
  const { EIP712Domain: _, ...ours } = types;
  const encoder = TypedDataEncoder.from(ours);
  if (encoder.primaryType !== primaryType) throw new Error(`primary type ${encoder.primaryType}`);
  const digest = TypedDataEncoder.hash(domain, ours, message);
  return {
    struct: encoder.hash(message),
    domain: TypedDataEncoder.hashDomain(domain),
    digest,
    signer: recoverAddress(digest, signature),
    payload: TypedDataEncoder.getPayload(domain, ours, message),
  };
}

console.log(JSON.stringify(JSON.parse(readFileSync(0, "utf-8")).map(answer)));
