// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// A member who lets Chloé in, and keeps to the rules of cryptography but to no other: it makes an
// invitation right where that does not say otherwise, and seals it.

#include <algorithm>
#include <array>

#include "mls/group_state.h"
#include "mls/tree_validation.h"
#include "tests/fuzz/mls_invitation.h"
#include "tests/fuzz/mls_pair.h"

namespace cercle::mls {

/// Every pre-shared key that anybody asks for, and those of one group.
class Lender final : public PskSource {
  public:
    explicit Lender(const Group& group)
        : group_(group) {}

    Result<Secret> external_psk(BytesView id) const override {
        return Secret::copy_of(codec::encode(to_bytes(id)));
    }

    Result<Secret> resumption_psk(BytesView group_id, Epoch epoch) const override {
        if (std::ranges::equal(group_id, group_.group_id())) return group_.resumption_psk(epoch);
        return external_psk(group_id);
    }

  private:
    const Group& group_;
};

/// Whoever says that she is another's successor is one.
class Agreeing final : public CredentialJudge {
  public:
    Result<void> judge(const Credential& /*credential*/, BytesView /*key*/) const override {
        return {};
    }

    Result<void> judge_successor(const Credential& /*before*/,
                                 const Credential& /*after*/) const override {
        return {};
    }
};

struct Inviter {
    Pair pair;
    Lender lender{pair.boris};
    Agreeing judge;

    /// What became of an invitation.
    struct Made {
        GroupInfo info;
        Secret member_secret;
        std::optional<Bytes> tree_beside;
    };

    [[nodiscard]] Surroundings around() const { return {judge, pair.now, &lender, whole_rfc}; }

    /// Nothing if it says nothing at all.
    [[nodiscard]] std::optional<Made> make(const fuzz::Invitation& invitation) const {
        using fuzz::Invitation;
        const auto secrets = codec::decode<GroupSecrets>(invitation.group_secrets);
        const auto original = codec::decode<GroupInfo>(invitation.group_info);
        if (!secrets || !original) return std::nullopt;
        GroupInfoFields info = **original;
        std::optional<Bytes> beside;
        const crypto::SigningKey* signer = &pair.anna_key;
        if (const auto decoded = codec::decode<UncheckedTree>(invitation.tree)) {
            RatchetTree tree = decoded->unchecked();
            if (!invitation.keeps(Invitation::Leaves)) sign_leaves(tree, info.context.group_id);
            if (const auto* const found = key_at(tree, info.signer)) signer = found;
            if (!invitation.keeps(Invitation::TreeHash)) {
                info.context.tree_hash = tree.root_hash(pair.suite);
            }
            if (invitation.keeps(Invitation::TreeBeside)) {
                beside = codec::encode(tree);
            } else {
                put_inside(info, codec::encode(tree));
            }
        }
        Secret member = member_secret(*secrets);
        if (!invitation.keeps(Invitation::Tag)) info.confirmation_tag = tag(member, info.context);
        return Made{invitation.keeps(Invitation::Signature)
                        ? GroupInfo(std::move(info))
                        : sign_group_info(std::move(info), *signer),
                    std::move(member),
                    std::move(beside)};
    }

    /// A Welcome for Chloé.
    [[nodiscard]] Bytes seal(const Made& made, BytesView group_secrets) const {
        vectors::SeededRandom random{3};
        const Suite& suite = pair.suite;
        Welcome welcome;
        welcome.suite = suite.id;
        welcome.encrypted_group_info =
            encrypt_group_info(suite, derive_welcome_secret(suite, made.member_secret), made.info);
        auto sealed = must(encrypt_with_label(suite,
                                              pair.chloe_package.init_key().public_key(),
                                              "Welcome",
                                              welcome.encrypted_group_info,
                                              group_secrets,
                                              random));
        welcome.secrets.push_back({pair.chloe_package.ref(), std::move(sealed)});
        return codec::encode(MlsMessage{std::move(welcome)});
    }

  private:
    [[nodiscard]] const crypto::SigningKey* key_at(const RatchetTree& tree, LeafIndex at) const {
        if (tree.leaf(at) == nullptr) return nullptr;
        for (const auto* const key : {&pair.anna_key, &pair.boris_key, &pair.chloe_key}) {
            if (std::ranges::equal(tree.leaf(at)->signature_key(), key->public_key())) return key;
        }
        return nullptr;
    }

    void sign_leaves(RatchetTree& tree, BytesView group_id) const {
        for (LeafIndex at{0}; tree.size().contains(at); ++at.value) {
            const auto* const key = key_at(tree, at);
            if (key == nullptr) continue;
            tree.set_leaf(at, sign_leaf(*tree.leaf(at)->open(), {group_id, at}, *key));
        }
    }

    static void put_inside(GroupInfoFields& info, Bytes tree) {
        const auto found =
            std::ranges::find(info.extensions, ExtensionType::RatchetTree, &Extension::type);
        if (found != info.extensions.end()) {
            found->data = std::move(tree);
        } else {
            info.extensions.push_back({ExtensionType::RatchetTree, std::move(tree)});
        }
    }

    [[nodiscard]] Secret member_secret(const GroupSecrets& secrets) const {
        std::vector<Psk> values;
        if (auto found = find_psks(secrets.psks, nullptr, &lender)) values = *std::move(found);
        return derive_member_secret(
            pair.suite, secrets.joiner_secret, combine_psks(pair.suite, values));
    }

    [[nodiscard]] Bytes tag(const Secret& member, const GroupContext& context) const {
        const EpochSecrets secrets = derive_epoch_secrets(
            pair.suite, derive_epoch_secret(pair.suite, member, codec::encode(context)));
        return mac(pair.suite, secrets.confirmation, context.confirmed_transcript_hash);
    }
};

}  // namespace cercle::mls
