// SPDX-License-Identifier: AGPL-3.0-or-later
//
// ts-mls and what stands beside it, from the folder that is this program's first argument: outside of
// the tree, where an import by name would not look.
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";

const { resolve } = createRequire(`${process.argv[2]}/`);
const whole = (name) => import(pathToFileURL(resolve(name)));
const part = (name) => import(new URL(name, pathToFileURL(resolve("ts-mls"))));

export const mls = await whole("ts-mls");
export const hpke = await whole("hpke");
export const noble = await whole("@panva/hpke-noble");
export const nist = await whole("@noble/curves/nist.js");

// What ts-mls's entrance does not give.
export const { ratchetTreeEncoder, ratchetTreeDecoder } = await part("./ratchetTree.js");
export const { signLeafNodeCommit } = await part("./leafNode.js");
export const { signGroupInfo } = await part("./groupInfo.js");
export const { varLenDataEncoder, varLenDataDecoder } = await part("./codec/variableLength.js");
