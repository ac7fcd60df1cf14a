// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The suites that ts-mls's members have: its own, and our hybrid one (draft-ietf-mls-pq-ciphersuites-06
// under 0xF002), since its hybrid ones have other parameters under other numbers, and a KEM that derives
// key pairs as an older draft did. Nothing of it is ours: hash, KDF and AEAD are those of ts-mls's
// suite 7, signatures those of its suite 1, and HPKE with its KEM is `hpke` with `@panva/hpke-noble`.
import { hpke, mls, noble } from "./implementation.mjs";

const HYBRID = 0xf002;
export const known = [1, 2, 3, 4, 5, 6, 7, HYBRID];

const made = new Map();

export async function suite(id) {
    if (!made.has(id)) made.set(id, id === HYBRID ? await hybrid() : await its(id));
    return made.get(id);
}

const its = (id) => mls.defaultCryptoProvider.getCiphersuiteImpl(id);

async function hybrid() {
    const [first, seventh] = [await its(1), await its(7)];
    const suite = new hpke.CipherSuite(
        noble.KEM_MLKEM768_X25519, hpke.KDF_HKDF_SHA384, hpke.AEAD_AES_256_GCM);
    const sealed = {
        async seal(key, text, info, aad) {
            const { ciphertext: ct, encapsulatedSecret: enc } = await suite.Seal(key, text, { info, aad });
            return { ct, enc };
        },
        open: (key, enc, text, info, aad) => suite.Open(key, enc, text, { info, aad }),
        async exportSecret(key, context, length, info) {
            const { exportedSecret: secret, encapsulatedSecret: enc } =
                await suite.SendExport(key, context, length, { info });
            return { secret, enc };
        },
        importSecret: (key, context, enc, length, info) =>
            suite.ReceiveExport(key, enc, context, length, { info }),
        importPrivateKey: (bytes) => suite.DeserializePrivateKey(bytes, true),
        importPublicKey: (bytes) => suite.DeserializePublicKey(bytes),
        exportPublicKey: (key) => suite.SerializePublicKey(key),
        exportPrivateKey: (key) => suite.SerializePrivateKey(key),
        deriveKeyPair: (ikm) => suite.DeriveKeyPair(ikm, true),
        generateKeyPair: () => suite.GenerateKeyPair(true),
    };
    return { ...seventh, id: HYBRID, signature: first.signature, hpke: { ...seventh.hpke, ...sealed } };
}
