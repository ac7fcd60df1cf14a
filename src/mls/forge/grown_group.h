// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// For tests and benchmarks: a group of any size in which everybody has committed once, so that no
// node of its tree is blank but those of empty places. Made directly: to be grown by its members it
// would take N commits, each processed by N.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "mls/group_state.h"
#include "tests/vectors/scripted_random.h"

namespace cercle::mls {

class TrustingJudge final : public CredentialJudge {
  public:
    [[nodiscard]] Result<void> judge(const Credential& /*credential*/,
                                     BytesView /*signature_key*/) const override {
        return {};
    }

    [[nodiscard]] Result<void> judge_successor(const Credential& /*before*/,
                                               const Credential& /*after*/) const override {
        return {};
    }
};

class GrownGroup {
  public:
    GrownGroup(const Suite& suite, std::uint32_t members)
        : suite_(suite),
          epoch_secret_(random_secret(suite.digest_size(), random_)) {
        for (std::uint32_t at = 0; at < members; ++at)
            add_member();
        for (LeafIndex at{0}; at.value < members; ++at.value)
            commit(at);
        context_.version = ProtocolVersion::Mls10;
        context_.suite = suite.id;
        context_.group_id = group_id_;
        context_.epoch = {members};
        context_.tree_hash = tree_.root_hash(suite);
        context_.confirmed_transcript_hash = Bytes(suite.digest_size(), 1);
    }

    [[nodiscard]] Random& random() { return random_; }

    [[nodiscard]] Surroundings around() const { return {judge_, now_}; }

    [[nodiscard]] const RatchetTree& tree() const { return tree_; }

    [[nodiscard]] const crypto::SigningKey& signing_key(LeafIndex index) const {
        return signing_keys_[index.value];
    }

    /// The group as this member knows it, in what it stores.
    [[nodiscard]] Saved saved(LeafIndex index) const {
        PrivateKeys keys(index, leaf_keys_[index.value]);
        for (const NodeIndex node : direct_path(index, tree_.size())) {
            if (const auto found = node_keys_.find(node); found != node_keys_.end()) {
                keys.set(node, found->second);
            }
        }
        const EpochState state = enter_epoch(
            suite_, Original<GroupContext>(context_), tree_, std::move(keys), epoch_secret_);
        // No proposals, proposed keys or past epochs.
        codec::Writer open;
        open.number(saved_version);
        state.write_public(open);
        open.length(0);
        open.length(0);
        codec::write(open, HandshakeFraming::Private);
        const auto write_secret = [&](codec::Writer& writer) {
            writer.number(saved_version);
            state.write_secret(writer);
            writer.length(0);
            writer.length(0);
        };
        codec::Writer counter = codec::Writer::counting();
        write_secret(counter);
        Secret secret(counter.size());
        codec::Writer writer = codec::Writer::into(secret.expose());
        write_secret(writer);
        return {std::move(open).take(), std::move(secret)};
    }

    [[nodiscard]] Group of(LeafIndex index) const {
        const Saved saved_group = saved(index);
        auto group =
            Group::load(saved_group.public_part, saved_group.secret_part, signing_key(index));
        if (!group) std::abort();
        return *std::move(group);
    }

    [[nodiscard]] Profile profile_of(std::uint32_t number) const {
        return {basic_credential(view_of("member " + std::to_string(number))), {}, {}};
    }

    /// Of somebody who is not in the group yet.
    [[nodiscard]] std::pair<KeyPackageBundle, crypto::SigningKey> newcomer(std::uint32_t number) {
        auto key = crypto::SigningKey::generate(suite_.signature, random_);
        auto bundle = make_key_package(suite_, key, profile_of(number), lifetime(), random_);
        return {std::move(bundle), std::move(key)};
    }

  private:
    [[nodiscard]] Lifetime lifetime() const {
        return Lifetime::of(now_ - std::chrono::hours(1), now_ + std::chrono::hours(24));
    }

    void add_member() {
        auto [bundle, key] = newcomer(static_cast<std::uint32_t>(signing_keys_.size()));
        if (signing_keys_.empty()) {
            tree_.set_leaf({0}, bundle.package()->leaf);
        } else if (!tree_.add(bundle.package()->leaf)) {
            std::abort();
        }
        leaf_keys_.push_back(std::make_shared<const crypto::KemKey>(bundle.leaf_key().copy()));
        signing_keys_.push_back(std::move(key));
    }

    void commit(LeafIndex index) {
        const PathDraft draft = PathDraft::draw(suite_, tree_, index, random_);
        auto leaf_key = std::make_shared<const crypto::KemKey>(
            crypto::KemKey::generate(suite_.hpke.kem, random_));
        LeafNode leaf = *tree_.leaf(index)->open();
        leaf.encryption_key = leaf_key->public_key();
        leaf.origin = {
            LeafNodeSource::Commit, {}, tree_.merge_path(suite_, index, draft.public_keys())};
        tree_.set_leaf(index, sign_leaf(std::move(leaf), {group_id_, index}, signing_key(index)));
        leaf_keys_[index.value] = std::move(leaf_key);
        for (std::size_t at = 0; at < draft.steps.size(); ++at) {
            node_keys_.insert_or_assign(draft.steps[at].node, draft.keys[at]);
        }
    }

    const Suite& suite_;
    vectors::SeededRandom random_{20261124};
    TrustingJudge judge_;
    WallTime now_{std::chrono::days(20000)};
    Bytes group_id_ = Bytes(16, 7);
    RatchetTree tree_;
    GroupContext context_;
    Secret epoch_secret_;
    std::vector<crypto::SigningKey> signing_keys_;
    std::vector<PrivateKeys::SharedKey> leaf_keys_;
    std::map<NodeIndex, PrivateKeys::SharedKey> node_keys_;
};

}  // namespace cercle::mls
