// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/welcome.h"

#include "crypto/aead.h"

namespace cercle::mls {
namespace {

constexpr std::string_view label = "GroupInfoTBS";

BytesView without_signature(BytesView encoded, const Bytes& signature) {
    return encoded.first(encoded.size() - codec::encoded_size(signature));
}

struct WelcomeKey {
    Secret key;
    Secret nonce;
};

// welcome_nonce = ExpandWithLabel(welcome_secret, "nonce", "", AEAD.Nn)
// welcome_key = ExpandWithLabel(welcome_secret, "key", "", AEAD.Nk)
WelcomeKey welcome_key(const Suite& suite, const Secret& welcome_secret) {
    return {expand_with_label(suite, welcome_secret, "key", {}, suite.key_size()),
            expand_with_label(suite, welcome_secret, "nonce", {}, crypto::aead_nonce_size)};
}

}  // namespace

Result<void> GroupContext::check() const {
    if (version != ProtocolVersion::Mls10) {
        return fail(Code::version_unsupported, "a group of another protocol version");
    }
    return {};
}

GroupInfo sign_group_info(GroupInfoFields info, const crypto::SigningKey& key) {
    info.signature.clear();
    const Bytes encoded = codec::encode(info);
    info.signature = sign_with_label(key, label, without_signature(encoded, info.signature));
    return GroupInfo(std::move(info));
}

Result<void> verify_group_info(const Suite& suite, const GroupInfo& info, BytesView signature_key) {
    const BytesView content = without_signature(info.bytes(), info->signature);
    if (!verify_with_label(suite, signature_key, label, content, info->signature)) {
        return fail(Code::group_info_signature, "a GroupInfo whose signature does not verify");
    }
    return {};
}

Bytes encrypt_group_info(const Suite& suite, const Secret& welcome_secret, const GroupInfo& info) {
    // Encrypted once under a secret of its own, so the nonce may be derived.
    const WelcomeKey derived = welcome_key(suite, welcome_secret);
    return crypto::aead_encrypt(
        suite.hpke.aead, derived.key.reveal(), derived.nonce.reveal(), {}, info.bytes());
}

Result<GroupInfo> decrypt_group_info(const Suite& suite,
                                     const Secret& welcome_secret,
                                     Bytes encrypted) {
    const WelcomeKey derived = welcome_key(suite, welcome_secret);
    TRY(Bytes encoded,
        crypto::aead_decrypt_in_place(suite.hpke.aead,
                                      derived.key.reveal(),
                                      derived.nonce.reveal(),
                                      {},
                                      std::move(encrypted)));
    return GroupInfo::decode_all(std::move(encoded));
}

}  // namespace cercle::mls
