// SPDX-License-Identifier: AGPL-3.0-or-later
//
// peer.mjs MODULES: members of mixed groups, ts-mls's; the vocabulary of members.h, a question a line
// on standard input, its answer a line on standard output. MODULES is the folder with node_modules.
//
// A question with `bare` gets what ts-mls does by itself, where mended.mjs puts something right.
import { createInterface } from "node:readline";

import { mls, ratchetTreeDecoder, ratchetTreeEncoder } from "./implementation.mjs";
import { infoOf, opened, readsExternalPub, renewedState, uncompressed, updateOf } from "./mended.mjs";
import { known, suite } from "./suites.mjs";

const OF_LEAF = 0xf0c1, OF_CONTEXT = 0xf0c2, NOBODY_KNOWS = 0x1a1a;
// Whatever the machine's clock says.
const ALWAYS = { notBefore: 0n, notAfter: 8640000000n };

const authService = mls.unsafeTestingAuthenticationService;
const clientConfig = {
    keyRetentionConfig: { retainKeysForGenerations: 64, retainKeysForEpochs: 3, maximumForwardRatchetSteps: 200 },
    lifetimeConfig: mls.defaultLifetimeConfig,
    keyPackageEqualityConfig: mls.defaultKeyPackageEqualityConfig,
    paddingConfig: mls.defaultPaddingConfig,
};
const externalPsks = {};
const devices = new Map();

const hex = (bytes) => Buffer.from(bytes).toString("hex");
const bytes = (text) => new Uint8Array(Buffer.from(text, "hex"));
const words = (text) => new TextEncoder().encode(text);

const contextOf = (self) => ({ cipherSuite: self.suite, authService, externalPsks, clientConfig });
const extensionsOf = (question) =>
    [{ extensionType: OF_CONTEXT, extensionData: bytes(question.context) }];

function decoded(text, part) {
    const message = mls.decode(mls.mlsMessageDecoder, bytes(text));
    if (message === undefined) throw new Error("no MLSMessage that ts-mls decodes");
    return part === undefined ? message : message[part];
}

function encoded(wireformat, part, value) {
    return hex(mls.encode(mls.mlsMessageEncoder,
        { version: mls.protocolVersions.mls10, wireformat: mls.wireformats[wireformat], [part]: value }));
}

const treeOf = (question) => question.tree === undefined
    ? undefined : mls.decode(ratchetTreeDecoder, bytes(question.tree));

const addOf = (text) =>
    ({ proposalType: mls.defaultProposalTypes.add, add: { keyPackage: decoded(text, "keyPackage") } });
const removeOf = (leaf) =>
    ({ proposalType: mls.defaultProposalTypes.remove, remove: { removed: leaf } });
const contextChangeOf = (question) => ({
    proposalType: mls.defaultProposalTypes.group_context_extensions,
    groupContextExtensions: { extensions: extensionsOf(question) },
});

function pskOf(self, one) {
    const pskNonce = self.suite.rng.randomBytes(self.suite.kdf.size);
    const preSharedKeyId = one.epoch === undefined
        ? { psktype: mls.pskTypes.external, pskId: bytes(one.id), pskNonce }
        : { psktype: mls.pskTypes.resumption, usage: mls.resumptionPSKUsages.application,
            pskGroupId: self.state.groupContext.groupId, pskEpoch: BigInt(one.epoch), pskNonce };
    return { proposalType: mls.defaultProposalTypes.psk, psk: { preSharedKeyId } };
}

const questions = {
    async package(self) {
        const made = await mls.generateKeyPackageWithKey({
            credential: { credentialType: mls.defaultCredentialTypes.basic, identity: words(self.name) },
            capabilities: {
                versions: [mls.protocolVersions.mls10], ciphersuites: [self.suite.id, NOBODY_KNOWS],
                extensions: [OF_LEAF, OF_CONTEXT, NOBODY_KNOWS], proposals: [NOBODY_KNOWS],
                credentials: [mls.defaultCredentialTypes.basic, NOBODY_KNOWS],
            },
            lifetime: ALWAYS,
            leafNodeExtensions: [{ extensionType: OF_LEAF, extensionData: words(`of ${self.name}`) }],
            extensions: [{ extensionType: NOBODY_KNOWS, extensionData: words("whatever") }],
            signatureKeyPair: self.keys, cipherSuite: self.suite,
        });
        self.package = made.publicPackage;
        self.privatePackage = made.privatePackage;
        return { package: encoded("mls_key_package", "keyPackage", self.package) };
    },

    async found(self, question) {
        await questions.package(self);
        self.state = await mls.createGroup({ context: contextOf(self), groupId: bytes(question.group),
            keyPackage: self.package, privateKeyPackage: self.privatePackage,
            extensions: extensionsOf(question) });
    },

    async join(self, question) {
        const common = { context: contextOf(self), welcome: decoded(question.welcome, "welcome"),
            keyPackage: self.package, ratchetTree: treeOf(question) };
        if (question.after === undefined) {
            self.state = await mls.joinGroup({ ...common, privateKeys: self.privatePackage });
            return;
        }
        const before = devices.get(question.after).state;
        self.state = before.groupActiveState.kind === "suspendedPendingReinit"
            ? await mls.joinGroupFromReinit({ ...common, suspendedState: before,
                privateKeyPackage: self.privatePackage, provider: { getCiphersuiteImpl: suite } })
            : await mls.joinGroupFromBranch({ ...common, oldState: before,
                privateKeyPackage: self.privatePackage });
    },

    async commit(self, question) {
        const extraProposals = [
            ...(question.packages ?? []).map(addOf), ...(question.removes ?? []).map(removeOf),
            ...(question.psks ?? []).map((one) => pskOf(self, one)),
            ...(question.context === undefined ? [] : [contextChangeOf(question)]),
            ...(question.reinit === undefined ? [] : [{
                proposalType: mls.defaultProposalTypes.reinit,
                reinit: { groupId: bytes(question.reinit.group), version: mls.protocolVersions.mls10,
                    cipherSuite: question.reinit.suite, extensions: extensionsOf(question.reinit) },
            }]),
        ];
        // Where resumption keys are looked for: without it a commit finds none, of its own group neither.
        const made = await mls.createCommit({
            context: contextOf(self), state: self.state, extraProposals,
            ...(question.bare ? {} : { resumingFromState: self.state }),
            ratchetTreeExtension: question.inside ?? true, wireAsPublicMessage: question.open ?? false,
            authenticatedData: words(question.beside ?? ""),
        });
        self.staged = made.newState;
        return { commit: hex(mls.encode(mls.mlsMessageEncoder, made.commit)),
            welcome: made.welcome ? hex(mls.encode(mls.mlsMessageEncoder, made.welcome)) : "" };
    },

    async enter(self, question) {
        await questions.package(self);
        const groupInfo = decoded(question.info, "groupInfo");
        const made = await mls.joinGroupExternal({
            context: { ...contextOf(self), cipherSuite: readsExternalPub(self.suite, groupInfo) }, groupInfo,
            keyPackage: self.package, privateKeys: self.privatePackage,
            resync: question.replaces !== undefined, tree: treeOf(question),
        });
        self.staged = made.newState;
        return { commit: encoded("mls_public_message", "publicMessage", made.publicMessage) };
    },

    async merge(self) {
        self.state = self.staged;
        return { tree: hex(mls.encode(ratchetTreeEncoder, self.state.ratchetTree)) };
    },

    async receive(self, question) {
        const message = decoded(question.message);
        const leaf = self.state.privatePath.leafIndex;
        let own, gone;
        // Asked before anything is entered. What ts-mls does with a commit that removes itself is to
        // look for its path, without end if the tree has shrunk.
        const look = ({ proposals }) => {
            own = proposals?.some((one) => one.proposal.update && one.senderLeafIndex === leaf);
            gone = proposals?.some((one) => one.proposal.remove?.removed === leaf);
            return own || gone ? "reject" : "accept";
        };
        const process = question.bare ? mls.processMessage : opened;
        const common = { context: contextOf(self), message };
        let made = await process({ ...common, state: self.state, callback: look });
        if (gone) return { kind: "removed" };
        if (own) made = await process({ ...common, state: renewedState(self) });
        const before = self.state.groupContext.epoch;
        self.state = made.newState;
        if (made.kind === "applicationMessage")
            return { kind: "text", text: new TextDecoder().decode(made.message),
                beside: new TextDecoder().decode(made.aad) };
        if (self.state.groupContext.epoch === before) return { kind: "proposal" };
        self.renewed = undefined;
        return { kind: "commit" };
    },

    async say(self, question) {
        const made = await mls.createApplicationMessage({ context: contextOf(self), state: self.state,
            message: words(question.text), authenticatedData: words(question.beside ?? "") });
        self.state = made.newState;
        return { message: hex(mls.encode(mls.mlsMessageEncoder, made.message)) };
    },

    async propose(self, question) {
        const kinds = {
            update: () => updateOf(self), remove: () => removeOf(question.leaf),
            psk: () => pskOf(self, question.psks[0]), context: () => contextChangeOf(question),
            add: () => addOf(question.packages[0]),
        };
        const made = await mls.createProposal({ context: contextOf(self), state: self.state,
            wireAsPublicMessage: question.open ?? false, proposal: await kinds[question.kind]() });
        self.state = made.newState;
        return { message: hex(mls.encode(mls.mlsMessageEncoder, made.message)) };
    },

    async ask(self, question) {
        const groupContext = { groupId: bytes(question.group), epoch: BigInt(question.epoch),
            version: mls.protocolVersions.mls10, cipherSuite: self.suite.id, treeHash: new Uint8Array(),
            confirmedTranscriptHash: new Uint8Array(), extensions: [] };
        const made = await mls.proposeAddExternal({ groupContext }, self.package, self.privatePackage,
            self.suite);
        return { message: hex(mls.encode(mls.mlsMessageEncoder, made)) };
    },

    async info(self, question) {
        const tree = mls.encode(ratchetTreeEncoder, self.state.ratchetTree);
        const info = question.bare
            ? await mls.createGroupInfoWithExternalPubAndRatchetTree(self.state, [], self.suite)
            : await infoOf(self, (question.inside ?? true) ? [tree] : []);
        return { info: encoded("mls_group_info", "groupInfo", info), tree: hex(tree) };
    },

    async look(self) {
        const exported = await mls.mlsExporter(self.state.keySchedule.exporterSecret, "interop",
            words("context"), 32, self.suite);
        const members = self.state.ratchetTree.flatMap((node, at) =>
            node?.leaf === undefined ? [] : [[at / 2, new TextDecoder().decode(node.leaf.credential.identity)]]);
        const context = self.state.groupContext.extensions.find((one) => one.extensionType === OF_CONTEXT);
        return {
            epoch: Number(self.state.groupContext.epoch), members,
            authenticator: hex(self.state.keySchedule.epochAuthenticator), exported: hex(exported),
            context: hex(context.extensionData), leaf: self.state.privatePath.leafIndex,
        };
    },

    // Ends and starts again, from what it stored.
    async restart(self) {
        self.state = mls.decode(mls.clientStateDecoder,
            mls.encode(mls.clientStateEncoder, self.state));
    },
};

// Both give a group that `into` founds, with some or all members of `self`'s.
async function following(self, question, make, more) {
    const founder = devices.get(question.into);
    await questions.package(founder);
    const made = await make({
        context: contextOf(self), state: self.state, keyPackage: founder.package,
        privateKeyPackage: founder.privatePackage,
        memberKeyPackages: question.packages.map((one) => decoded(one, "keyPackage")), ...more,
    });
    founder.state = made.newState;
    return { welcome: hex(mls.encode(mls.mlsMessageEncoder, made.welcome)),
        tree: hex(mls.encode(ratchetTreeEncoder, founder.state.ratchetTree)) };
}

questions.branch = (self, question) =>
    following(self, question, mls.branchGroup, { newGroupId: bytes(question.group) });

questions.reinitialise = (self, question) => {
    const { groupId, cipherSuite, extensions } = self.state.groupActiveState.reinit;
    const [first] = Object.keys(mls.ciphersuites);  // wants a name; which one is known already
    return following(self, question, mls.reinitCreateNewGroup, { groupId, extensions,
        cipherSuite: first, provider: { getCiphersuiteImpl: () => suite(cipherSuite) } });
};

async function answer(question) {
    if (question.do === "suites") return { suites: known };
    if (question.do === "psk") {
        externalPsks[mls.bytesToBase64(bytes(question.id))] = bytes(question.value);
        return {};
    }
    if (question.do === "person") {
        const of = await suite(question.suite);
        const keys = await of.signature.keygen();
        devices.set(question.who, { name: question.name ?? question.who, suite: of,
            keys: question.bare ? keys : uncompressed(question.suite, keys) });
        return {};
    }
    const self = devices.get(question.who);
    try {
        return (await questions[question.do](self, question)) ?? {};
    } catch (error) {
        return { refused: error.constructor.name, why: `${error.message}`,
            where: `${error.stack}`.split("\n").find((line) => line.includes("ts-mls")) ?? "" };
    }
}

for await (const line of createInterface({ input: process.stdin }))
    console.log(JSON.stringify(await answer(JSON.parse(line))));
