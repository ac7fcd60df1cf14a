// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Where ts-mls does otherwise than RFC 9420 and a mixed group could not go on, it is put right here, at
// its edge and by its own parts. What it does by itself is shown by otherwise.py.
import {
    mls, nist, signGroupInfo, signLeafNodeCommit, varLenDataDecoder, varLenDataEncoder,
} from "./implementation.mjs";

// "the public key is an uncompressed point" (section 5.1.1); ts-mls makes compressed ones.
export function uncompressed(id, keys) {
    const curve = { 2: "p256", 5: "p521", 7: "p384" }[id];
    return curve === undefined ? keys
        : { ...keys, publicKey: nist[curve].Point.fromBytes(keys.publicKey).toBytes(false) };
}

// ts-mls commits others' Updates and has nothing that makes one of its own: this is by hand.
export async function updateOf(self) {
    const leaf = mls.getOwnLeafNode(self.state);
    const keys = await self.suite.hpke.generateKeyPair();
    self.renewed = await self.suite.hpke.exportPrivateKey(keys.privateKey);
    const { hpkePublicKey: _, signature: __, lifetime: ___, parentHash: ____, ...rest } = leaf;
    const leafNode = await signLeafNodeCommit({
        ...rest, leafNodeSource: mls.leafNodeSources.update,
        hpkePublicKey: await self.suite.hpke.exportPublicKey(keys.publicKey),
        groupId: self.state.groupContext.groupId, leafIndex: self.state.privatePath.leafIndex,
    }, self.state.signaturePrivateKey, self.suite.signature);
    return { proposalType: mls.defaultProposalTypes.update, update: { leafNode } };
}

// The state in which a commit that contains our own Update can be opened.
export function renewedState(self) {
    const path = self.state.privatePath;
    return { ...self.state, privatePath: {
        ...path, privateKeys: { ...path.privateKeys, [2 * path.leafIndex]: self.renewed } } };
}

// "struct { HPKEPublicKey external_pub; } ExternalPub;" has the key with its length (section 12.4.3.2);
// ts-mls writes and reads it without.
export async function infoOf(self, trees) {
    const made = await mls.createGroupInfoWithExternalPub(self.state, [], self.suite);
    const { external_pub, ratchet_tree } = mls.defaultExtensionTypes;
    const extensions = made.extensions.map((one) => one.extensionType !== external_pub ? one
        : { ...one, extensionData: mls.encode(varLenDataEncoder, one.extensionData) });
    for (const extensionData of trees) extensions.push({ extensionType: ratchet_tree, extensionData });
    return signGroupInfo({ ...made, extensions }, self.state.signaturePrivateKey, self.suite.signature);
}

export function readsExternalPub(suite, info) {
    const { extensionData } = info.extensions.find(
        (one) => one.extensionType === mls.defaultExtensionTypes.external_pub);
    const importPublicKey = (key) =>
        suite.hpke.importPublicKey(key === extensionData ? mls.decode(varLenDataDecoder, key) : key);
    return { ...suite, hpke: { ...suite.hpke, importPublicKey } };
}

// processMessage() forgets the external PSKs of a PrivateMessage.
export function opened({ message, ...rest }) {
    return message.wireformat === mls.wireformats.mls_public_message
        ? mls.processPublicMessage({ ...rest, publicMessage: message.publicMessage })
        : mls.processPrivateMessage({ ...rest, privateMessage: message.privateMessage });
}
