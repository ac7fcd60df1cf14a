// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/epoch_state.h"

#include <algorithm>

#include "mls/transcript.h"
#include "mls/tree_validation.h"

namespace cercle::mls {
namespace {

struct SavedNodeKey {
    NodeIndex node;
    Secret key;

    auto fields(this auto& self) { return std::tie(self.node, self.key); }
};

}  // namespace

Member member_of(LeafIndex index, const Leaf& leaf) {
    return {index, leaf->credential, leaf->signature_key, leaf->extensions};
}

Member member_of(LeafIndex index, const KeptLeaf& leaf) {
    return member_of(index, leaf.open());
}

std::optional<Member> EpochState::member(LeafIndex index) const {
    const auto& leaf = tree.leaf(index);
    if (leaf == nullptr) return std::nullopt;
    return member_of(index, *leaf);
}

Roster roster_of(const RatchetTree& tree) {
    Roster roster;
    for (std::uint32_t at = 0; at < tree.size().leaves; ++at) {
        const auto& leaf = tree.leaf({at});
        if (leaf != nullptr) roster.push_back(member_of({at}, *leaf));
    }
    return roster;
}

Roster EpochState::roster() const {
    return roster_of(tree);
}

EpochState enter_epoch(const Suite& suite,
                       Original<GroupContext> context,
                       RatchetTree tree,
                       PrivateKeys keys,
                       const Secret& epoch_secret) {
    EpochSecrets secrets = derive_epoch_secrets(suite, epoch_secret);
    SecretTree secret_tree(tree.size(), std::move(secrets.encryption));
    // confirmation_tag = MAC(confirmation_key, GroupContext.confirmed_transcript_hash)
    Bytes tag = mac(suite, secrets.confirmation, context->confirmed_transcript_hash);
    Bytes interim = interim_transcript_hash(suite, context->confirmed_transcript_hash, tag);
    return {.suite = &suite,
            .context = std::move(context),
            .tree = std::move(tree),
            .keys = std::move(keys),
            .secrets = std::move(secrets),
            .secret_tree = std::move(secret_tree),
            .confirmation_tag = std::move(tag),
            .interim_transcript_hash = std::move(interim)};
}

EpochBeginning begin_epoch(const Suite& suite,
                           const Secret& init_secret,
                           GroupContext context,
                           RatchetTree tree,
                           PrivateKeys keys,
                           const Secret& commit_secret,
                           const Secret& psk_secret) {
    Original<GroupContext> frozen(std::move(context));
    Secret joiner = derive_joiner_secret(suite, init_secret, commit_secret, frozen.bytes());
    Secret member = derive_member_secret(suite, joiner, psk_secret);
    const Secret epoch = derive_epoch_secret(suite, member, frozen.bytes());
    EpochState state =
        enter_epoch(suite, std::move(frozen), std::move(tree), std::move(keys), epoch);
    return {std::move(joiner), std::move(member), std::move(state)};
}

void EpochState::write_public(codec::Writer& writer) const {
    codec::write(writer, context);
    codec::write(writer, tree);
    codec::write(writer, keys.own());
    codec::write(writer, confirmation_tag);
    codec::write(writer, interim_transcript_hash);
    codec::write(writer, reinit);
}

void EpochState::write_secret(codec::Writer& writer) const {
    codec::write(writer, secrets);
    codec::write(writer, secret_tree);
    codec::write(writer, keys.leaf()->secret());
    codec::Writer counter = codec::Writer::counting();
    const auto write_keys = [&](codec::Writer& target) {
        for (const auto& [node, key] : keys.nodes()) {
            codec::write(target, node);
            codec::write(target, key->secret());
        }
    };
    write_keys(counter);
    writer.length(counter.size());
    write_keys(writer);
}

Result<EpochState> EpochState::read(codec::Reader& open, codec::Reader& secret) {
    TRY(auto context, codec::read<Original<GroupContext>>(open));
    TRY(const Suite* const suite, find_suite(context->suite));
    TRY(auto tree, codec::read<UncheckedTree>(open));
    TRY(const auto own, codec::read<LeafIndex>(open));
    TRY(auto tag, codec::read<Bytes>(open));
    TRY(auto interim, codec::read<Bytes>(open));
    TRY(auto reinit, codec::read<std::optional<ReInit>>(open));
    TRY(auto secrets, codec::read<EpochSecrets>(secret));
    TRY(auto secret_tree, codec::read<SecretTree>(secret));
    TRY(const auto leaf_secret, codec::read<Secret>(secret));
    TRY(auto leaf_key, crypto::KemKey::from_secret(suite->hpke.kem, leaf_secret.reveal()));
    RatchetTree known = std::move(tree).take_stored();
    TRY_VOID(check_unmerged_leaves(known));
    if (known.leaf(own) == nullptr ||
        !std::ranges::equal(known.leaf(own)->encryption_key(), leaf_key.public_key())) {
        return fail(Code::store_corrupt, "a stored group whose own leaf has another key");
    }
    PrivateKeys keys(own, std::make_shared<const crypto::KemKey>(std::move(leaf_key)));
    TRY(auto saved_keys, codec::read<std::vector<SavedNodeKey>>(secret));
    for (const SavedNodeKey& saved : saved_keys) {
        TRY(auto key, crypto::KemKey::from_secret(suite->hpke.kem, saved.key.reveal()));
        if (is_leaf(saved.node) || saved.node.value >= known.size().nodes() ||
            known.is_blank(saved.node) ||
            !std::ranges::equal(known.encryption_key(saved.node), key.public_key())) {
            return fail(Code::store_corrupt, "a stored node key that its tree does not have");
        }
        if (!keys.nodes().empty() && keys.nodes().rbegin()->first >= saved.node) {
            return fail(Code::not_canonical, "stored node keys out of order");
        }
        keys.set(saved.node, std::make_shared<const crypto::KemKey>(std::move(key)));
    }
    return EpochState{.suite = suite,
                      .context = std::move(context),
                      .tree = std::move(known),
                      .keys = std::move(keys),
                      .secrets = std::move(secrets),
                      .secret_tree = std::move(secret_tree),
                      .confirmation_tag = std::move(tag),
                      .interim_transcript_hash = std::move(interim),
                      .reinit = std::move(reinit)};
}

}  // namespace cercle::mls
