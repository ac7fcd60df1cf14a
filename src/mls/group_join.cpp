// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Joining through a Welcome (RFC 9420 section 12.4.3.1).
#include <algorithm>

#include "mls/checked_group_info.h"
#include "mls/group_state.h"
#include "mls/group_succession.h"

namespace cercle::mls {
namespace {

Result<GroupSecrets> open_group_secrets(const Suite& suite,
                                        const Welcome& welcome,
                                        const KeyPackageBundle& bundle,
                                        const Group::State* predecessor) {
    // "Identify an entry in the secrets array where the new_member value corresponds to one of
    // this client's KeyPackages".
    const auto entry =
        std::ranges::find(welcome.secrets, bundle.ref(), &EncryptedGroupSecrets::new_member);
    if (entry == welcome.secrets.end() || welcome.suite != bundle.package()->suite) {
        return fail(Code::welcome_not_for_us, "a Welcome for other key packages");
    }
    TRY(const Secret encoded,
        decrypt_with_label(suite,
                           bundle.init_key(),
                           "Welcome",
                           welcome.encrypted_group_info,
                           entry->encrypted_group_secrets));
    TRY(auto secrets, codec::decode<GroupSecrets>(encoded.reveal()));
    for (const PskId& psk : secrets.psks) {
        if (ties_groups(psk) && predecessor == nullptr) {
            return fail(Code::psk_usage, "a Welcome into a reinitialised or branched group");
        }
        if (psk.type == PskType::Resumption && psk.usage != ResumptionUsage::Application &&
            psk.usage != ResumptionUsage::ReInit && psk.usage != ResumptionUsage::Branch) {
            return fail(Code::psk_usage, "a resumption key for a use that nobody knows");
        }
        if (psk.nonce.size() != suite.digest_size()) {
            return fail(Code::psk_nonce, "a pre-shared key's nonce of the wrong size");
        }
        if (std::ranges::count(secrets.psks, psk) != 1) {
            return fail(Code::psk_repeated, "one pre-shared key twice");
        }
    }
    return secrets;
}

Result<LeafIndex> find_own_leaf(const RatchetTree& tree, const KeyPackageBundle& bundle) {
    const Bytes& own = bundle.package()->leaf.bytes();
    for (LeafIndex at{0}; tree.size().contains(at); ++at.value) {
        const auto& leaf = tree.leaf(at);
        if (leaf != nullptr && leaf->bytes() == own) return at;
    }
    return fail(Code::welcome_leaf_missing, "a group that does not contain our leaf");
}

}  // namespace

Result<Group> Group::join(BytesView welcome,
                          const KeyPackageBundle& bundle,
                          const crypto::SigningKey& key,
                          const Surroundings& surroundings,
                          std::optional<BytesView> ratchet_tree) {
    return join_after(nullptr, welcome, bundle, key, surroundings, ratchet_tree);
}

Result<Group> Group::follow(BytesView welcome,
                            const KeyPackageBundle& bundle,
                            const crypto::SigningKey& key,
                            const Surroundings& surroundings,
                            std::optional<BytesView> ratchet_tree) const {
    return join_after(state_.get(), welcome, bundle, key, surroundings, ratchet_tree);
}

Result<Group> Group::join_after(const State* predecessor,
                                BytesView welcome_message,
                                const KeyPackageBundle& bundle,
                                const crypto::SigningKey& key,
                                const Surroundings& surroundings,
                                std::optional<BytesView> ratchet_tree) {
    TRY(auto message, codec::decode<MlsMessage>(welcome_message));
    auto* const welcome = std::get_if<Welcome>(&message.content);
    if (welcome == nullptr) return fail(Code::wire_format, "a message that is no Welcome");
    TRY(const Suite* const suite, find_suite(welcome->suite));
    if (key.public_key() != bundle.package()->leaf->signature_key) {
        return fail(Code::wrong_signature_key, "not the signature key of the key package");
    }
    TRY(auto group_secrets, open_group_secrets(*suite, *welcome, bundle, predecessor));
    const PsksOfPredecessor source(predecessor, surroundings.psks);
    TRY(const auto psks, find_psks(group_secrets.psks, nullptr, &source));
    const Secret member_secret =
        derive_member_secret(*suite, group_secrets.joiner_secret, combine_psks(*suite, psks));
    TRY(GroupInfo encrypted_info,
        decrypt_group_info(*suite,
                           derive_welcome_secret(*suite, member_secret),
                           std::move(welcome->encrypted_group_info)));
    TRY(auto checked,
        check_group_info(*suite, std::move(encrypted_info), ratchet_tree, surroundings));
    const GroupInfo& info = checked.info;
    RatchetTree& tree = checked.tree;
    TRY(const LeafIndex own, find_own_leaf(tree, bundle));
    PrivateKeys keys(own, std::make_shared<const crypto::KemKey>(bundle.leaf_key().copy()));
    if (group_secrets.path_secret) {
        if (info->signer == own) {
            return fail(Code::path_not_for_us, "a path secret from ourselves");
        }
        const NodeIndex shared = common_ancestor(own, info->signer);
        TRY(auto opened,
            climb(*suite,
                  tree,
                  info->signer,
                  shared,
                  std::move(group_secrets.path_secret->path_secret)));
        for (auto& [node, node_key] : opened.keys)
            keys.set(node, std::move(node_key));
    }
    Original<GroupContext> context(info->context);
    const Secret epoch_secret = derive_epoch_secret(*suite, member_secret, context.bytes());
    EpochState state =
        enter_epoch(*suite, std::move(context), std::move(tree), std::move(keys), epoch_secret);
    // "Verify the confirmation tag in the GroupInfo using the derived confirmation key and the
    // confirmed_transcript_hash from the GroupInfo."
    if (!equal_in_constant_time(state.confirmation_tag, info->confirmation_tag)) {
        return fail(Code::confirmation_tag, "a GroupInfo whose confirmation tag does not verify");
    }
    if (predecessor != nullptr) {
        TRY_VOID(check_succession(*predecessor, state, group_secrets.psks, surroundings.judge));
    }
    return Group(std::make_unique<State>(State{std::move(state), key.copy(), {}, {}, {}}));
}

}  // namespace cercle::mls
