// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// For tests only: messages taken apart by who holds the keys, so that one layer can be changed and
// the layers around it made right again. What refuses it then is that layer's own check.

#include "crypto/aead.h"
#include "mls/forge/member.h"
#include "mls/message_protection.h"
#include "mls/tree_validation.h"

namespace cercle::mls {

/// A PrivateMessage of `forge`'s epoch.
struct OpenedMessage {
    PrivateMessage message;
    SenderData sender;
    MessageKey key;
    Content content;
    ContentAuth auth;

    [[nodiscard]] static OpenedMessage open(const Forge& forge, BytesView mls_message) {
        const EpochState& state = forge.state;
        const auto decoded = codec::decode<MlsMessage>(mls_message);
        REQUIRE(decoded.has_value());
        OpenedMessage opened{.message = std::get<PrivateMessage>(decoded->content),
                             .sender = {},
                             .key = {},
                             .content = {},
                             .auth = {}};
        const PrivateMessage& message = opened.message;
        const auto sender = open_sender_data(*state.suite, message, state.secrets.sender_data);
        REQUIRE(sender.has_value());
        opened.sender = *sender;
        const auto found = state.secret_tree.look_up(
            *state.suite, sender->leaf, ratchet_for(message.content_type), sender->generation);
        REQUIRE(found.has_value());
        opened.key = found->key.copy();
        const auto plaintext = crypto::aead_decrypt(state.suite->hpke.aead,
                                                    opened.key.key.reveal(),
                                                    opened.nonce().reveal(),
                                                    opened.content_associated_data(),
                                                    message.ciphertext);
        REQUIRE(plaintext.has_value());
        codec::Reader reader(*plaintext);
        auto content = read_content(reader, message.content_type);
        REQUIRE(content.has_value());
        opened.content = *std::move(content);
        auto auth = ContentAuth::read_from(reader, message.content_type);
        REQUIRE(auth.has_value());
        opened.auth = *std::move(auth);
        return opened;
    }

    /// Another ciphertext, and the sender data for it: its key depends on the ciphertext.
    [[nodiscard]] Bytes with_ciphertext(const Forge& forge, Bytes ciphertext) const {
        const Suite& suite = *forge.state.suite;
        PrivateMessage changed = message;
        changed.ciphertext = std::move(ciphertext);
        const MessageKey derived =
            sender_data_key(suite, forge.state.secrets.sender_data, changed.ciphertext);
        changed.encrypted_sender_data = crypto::aead_encrypt(suite.hpke.aead,
                                                             derived.key.reveal(),
                                                             derived.nonce.reveal(),
                                                             associated_data().bytes(),
                                                             codec::encode(sender));
        return codec::encode(MlsMessage{std::move(changed)});
    }

    [[nodiscard]] Bytes with_sender_data(Bytes encrypted) const {
        PrivateMessage changed = message;
        changed.encrypted_sender_data = std::move(encrypted);
        return codec::encode(MlsMessage{std::move(changed)});
    }

    /// The same content with another signature or tag beside it.
    [[nodiscard]] Bytes with_auth(const Forge& forge, const ContentAuth& changed) const {
        return with_rest(forge, changed, {});
    }

    /// The same content and proofs, and then this.
    [[nodiscard]] Bytes with_padding(const Forge& forge, BytesView padding) const {
        return with_rest(forge, auth, padding);
    }

  private:
    [[nodiscard]] Bytes with_rest(const Forge& forge,
                                  const ContentAuth& changed,
                                  BytesView padding) const {
        codec::Writer plaintext;
        write_content(plaintext, content);
        changed.write_to(plaintext);
        plaintext.raw(padding);
        return with_ciphertext(forge,
                               crypto::aead_encrypt(forge.state.suite->hpke.aead,
                                                    key.key.reveal(),
                                                    nonce().reveal(),
                                                    content_associated_data(),
                                                    plaintext.bytes()));
    }

    [[nodiscard]] Secret nonce() const {
        Secret guarded = key.nonce.copy();
        for (std::size_t at = 0; at < sender.reuse_guard.size(); ++at)
            guarded.expose()[at] ^= sender.reuse_guard[at];
        return guarded;
    }

    [[nodiscard]] codec::Writer associated_data() const {
        codec::Writer writer;
        codec::write(writer, message.group_id);
        codec::write(writer, message.epoch);
        codec::write(writer, message.content_type);
        return writer;
    }

    [[nodiscard]] Bytes content_associated_data() const {
        codec::Writer writer = associated_data();
        codec::write(writer, message.authenticated_data);
        return std::move(writer).take();
    }
};

/// A PublicMessage of a member, with its membership tag made anew over what it says.
[[nodiscard]] inline Bytes with_membership_tag(const Forge& forge, PublicMessage message) {
    codec::Writer authenticated;
    codec::write(authenticated, ProtocolVersion::Mls10);
    codec::write(authenticated, WireFormat::PublicMessage);
    codec::write(authenticated, message.content);
    authenticated.raw(forge.state.context.bytes());
    message.auth.write_to(authenticated);
    message.membership_tag =
        mac(*forge.state.suite, forge.state.secrets.membership, authenticated.bytes());
    return codec::encode(MlsMessage{std::move(message)});
}

/// A Welcome without pre-shared keys, opened by the one newcomer it is for.
struct OpenedWelcome {
    const Suite& suite;
    const KeyPackageBundle& bundle;
    Welcome welcome;
    Secret group_secrets;
    Secret welcome_secret;
    GroupInfoFields info;

    [[nodiscard]] static OpenedWelcome open(const Suite& suite,
                                            const KeyPackageBundle& bundle,
                                            BytesView mls_message) {
        const auto decoded = codec::decode<MlsMessage>(mls_message);
        REQUIRE(decoded.has_value());
        Welcome welcome = std::get<Welcome>(decoded->content);
        REQUIRE(welcome.secrets.size() == 1);
        auto opened = decrypt_with_label(suite,
                                         bundle.init_key(),
                                         "Welcome",
                                         welcome.encrypted_group_info,
                                         welcome.secrets[0].encrypted_group_secrets);
        REQUIRE(opened.has_value());
        const auto secrets = codec::decode<GroupSecrets>(opened->reveal());
        REQUIRE(secrets.has_value());
        Secret welcome_secret = derive_welcome_secret(
            suite, derive_member_secret(suite, secrets->joiner_secret, combine_psks(suite, {})));
        const auto info = decrypt_group_info(suite, welcome_secret, welcome.encrypted_group_info);
        REQUIRE(info.has_value());
        return {suite,
                bundle,
                std::move(welcome),
                *std::move(opened),
                std::move(welcome_secret),
                **info};
    }

    /// With a GroupInfo as it is given, signature and all.
    [[nodiscard]] Bytes with_info(GroupInfoFields changed, Random& random) const {
        return with_encrypted_info(
            encrypt_group_info(suite, welcome_secret, GroupInfo(std::move(changed))), random);
    }

    /// The group secrets are bound to the encrypted GroupInfo, and so made anew.
    [[nodiscard]] Bytes with_encrypted_info(Bytes encrypted, Random& random) const {
        Welcome changed = welcome;
        changed.encrypted_group_info = std::move(encrypted);
        auto sealed = encrypt_with_label(suite,
                                         bundle.init_key().public_key(),
                                         "Welcome",
                                         changed.encrypted_group_info,
                                         group_secrets.reveal(),
                                         random);
        REQUIRE(sealed.has_value());
        changed.secrets[0].encrypted_group_secrets = *std::move(sealed);
        return codec::encode(MlsMessage{std::move(changed)});
    }

    [[nodiscard]] Bytes with_group_secrets(HpkeCiphertext sealed) const {
        Welcome changed = welcome;
        changed.secrets[0].encrypted_group_secrets = std::move(sealed);
        return codec::encode(MlsMessage{std::move(changed)});
    }
};

}  // namespace cercle::mls
