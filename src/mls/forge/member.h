// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// For tests only: a member who breaks the rules. It holds everything that a member holds, and
// makes messages that are wrong in exactly one place.

#include <functional>

#include "mls/forge/circle.h"
#include "mls/group_state.h"
#include "mls/transcript.h"

namespace cercle::mls {

struct Forge {
    EpochState state;
    crypto::SigningKey key;
    std::unique_ptr<Random> random = std::make_unique<vectors::SeededRandom>(666);

    /// Somebody's current epoch, read from what he stored.
    [[nodiscard]] static Forge of(const Group& group, const crypto::SigningKey& key) {
        const Saved saved = group.save();
        codec::Reader open(saved.public_part);
        codec::Reader secret(saved.secret_part.reveal());
        REQUIRE(open.number<std::uint16_t>().has_value());
        REQUIRE(secret.number<std::uint16_t>().has_value());
        auto state = EpochState::read(open, secret);
        REQUIRE(state.has_value());
        return {*std::move(state), key.copy()};
    }

    [[nodiscard]] FramedContent framed(Content content) const {
        FramedContent made;
        made.group_id = state.context->group_id;
        made.epoch = state.context->epoch;
        made.sender.leaf = state.own();
        made.content = std::move(content);
        return made;
    }

    [[nodiscard]] VerifiedContent sign(Content content,
                                       WireFormat format = WireFormat::PrivateMessage) const {
        return VerifiedContent::sign(
            format, framed(std::move(content)), state.context.bytes(), key);
    }

    [[nodiscard]] Bytes closed(const VerifiedContent& content) {
        const auto found = state.secret_tree.look_up_next(
            *state.suite, state.own(), ratchet_for(type_of(content.framed().content)));
        REQUIRE(found.has_value());
        return codec::encode(MlsMessage{protect_privately(
            *state.suite, content, state.secrets.sender_data, *found, 0, *random)});
    }

    [[nodiscard]] Bytes open(const VerifiedContent& content) const {
        return codec::encode(MlsMessage{protect_publicly(
            *state.suite, content, state.context.bytes(), state.secrets.membership)});
    }

    /// A message that says it has this generation (its key is of another).
    [[nodiscard]] Bytes with_generation(std::uint32_t generation) {
        auto found =
            state.secret_tree.look_up_next(*state.suite, state.own(), RatchetKind::Application);
        REQUIRE(found.has_value());
        found->generation = generation;
        return codec::encode(MlsMessage{protect_privately(
            *state.suite, sign(to_bytes("hello")), state.secrets.sender_data, *found, 0, *random)});
    }

    /// A commit without path, with the right confirmation tag if the receivers would get there.
    [[nodiscard]] VerifiedContent bare_commit(std::vector<Proposal> proposals) const {
        Commit commit;
        for (Proposal& one : proposals)
            commit.proposals.push_back({std::move(one)});
        return sign(std::move(commit)).with_confirmation_tag(Bytes(state.suite->digest_size()));
    }

    /// An empty commit with a path of ours, which `spoil` may change before it is signed, and
    /// `spoilers` where they are set. Whatever is made after that is right for it.
    template <class Spoil>
    [[nodiscard]] Bytes path_commit(const Spoil& spoil) {
        const Suite& suite = *state.suite;
        RatchetTree tree = state.tree;
        PathDraft draft = PathDraft::draw(suite, tree, state.own(), *random);
        std::vector<Bytes> keys = draft.public_keys();
        LeafNode leaf = *tree.leaf(state.own())->open();
        leaf.encryption_key = crypto::KemKey::generate(suite.hpke.kem, *random).public_key();
        spoil(leaf, keys, draft);
        leaf.origin = {LeafNodeSource::Commit, {}, tree.merge_path(suite, state.own(), keys)};
        if (spoilers.parent_hash) spoilers.parent_hash(leaf.origin.parent_hash);
        const Leaf frozen = signed_leaf(std::move(leaf));
        tree.set_leaf(state.own(), frozen);
        GroupContext context = *state.context;
        context.epoch = context.epoch.next();
        context.tree_hash = tree.root_hash(suite);
        auto nodes = draft.encrypt(suite, tree, {}, codec::encode(context), *random);
        REQUIRE(nodes.has_value());
        for (std::size_t at = 0; at < nodes->size(); ++at) {
            (*nodes)[at].encryption_key = keys[at];
        }
        if (spoilers.path) spoilers.path(*nodes);
        Commit commit;
        commit.path = UpdatePath{frozen, *std::move(nodes)};
        VerifiedContent content = sign(std::move(commit));
        context.confirmed_transcript_hash = confirmed_transcript_hash(
            suite, state.interim_transcript_hash, content.authenticated());
        const EpochBeginning next = begin_epoch(suite,
                                                state.secrets.init,
                                                std::move(context),
                                                tree,
                                                state.keys,
                                                draft.commit_secret,
                                                combine_psks(suite, {}));
        return closed(std::move(content).with_confirmation_tag(next.state.confirmation_tag));
    }

    [[nodiscard]] Bytes path_commit() {
        return path_commit([](LeafNode&, std::vector<Bytes>&, PathDraft&) {});
    }

    /// What a commit with a path is made wrong in, in the order in which it is made.
    struct Spoilers {
        std::function<void(Bytes&)> parent_hash;
        std::function<void(Bytes&)> leaf_signature;
        std::function<void(std::vector<UpdatePathNode>&)> path;
    };

    Spoilers spoilers = {};

  private:
    [[nodiscard]] Leaf signed_leaf(LeafNode leaf) const {
        Leaf right = sign_leaf(std::move(leaf), {state.context->group_id, state.own()}, key);
        if (!spoilers.leaf_signature) return right;
        LeafNode changed = *right;
        spoilers.leaf_signature(changed.signature);
        return Leaf(std::move(changed));
    }
};

}  // namespace cercle::mls
