// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// For tests only: a member who breaks the rules. It holds everything that a member holds, and
// makes messages that are wrong in exactly one place.

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

    /// An empty commit with a path of ours, which `spoil` may change before it is signed. The
    /// confirmation tag is right for what the path's draft gives, unless `tag_bit` flips a bit.
    template <class Spoil>
    [[nodiscard]] Bytes path_commit(const Spoil& spoil, bool flip_tag = false) {
        const Suite& suite = *state.suite;
        RatchetTree tree = state.tree;
        PathDraft draft = PathDraft::draw(suite, tree, state.own(), *random);
        std::vector<Bytes> keys = draft.public_keys();
        LeafNode leaf = **tree.leaf(state.own());
        leaf.encryption_key = crypto::KemKey::generate(suite.hpke.kem, *random).public_key();
        spoil(leaf, keys, draft);
        leaf.origin = {LeafNodeSource::Commit, {}, tree.merge_path(suite, state.own(), keys)};
        spoil_parent_hash(leaf);
        const Leaf frozen = sign_leaf(std::move(leaf), {state.context->group_id, state.own()}, key);
        tree.set_leaf(state.own(), frozen);
        GroupContext context = *state.context;
        context.epoch = context.epoch.next();
        context.tree_hash = tree.root_hash(suite);
        auto nodes = draft.encrypt(suite, tree, {}, codec::encode(context), *random);
        REQUIRE(nodes.has_value());
        for (std::size_t at = 0; at < nodes->size(); ++at) {
            (*nodes)[at].encryption_key = keys[at];
        }
        if (drop_last_ciphertext) (*nodes)[0].encrypted_path_secrets.pop_back();
        if (drop_last_node) nodes->pop_back();
        Commit commit;
        commit.path = UpdatePath{frozen, *std::move(nodes)};
        VerifiedContent content = sign(std::move(commit));
        context.confirmed_transcript_hash = confirmed_transcript_hash(
            suite, state.interim_transcript_hash, content.authenticated());
        const EpochBeginning next = begin_epoch(state,
                                                std::move(context),
                                                tree,
                                                state.keys,
                                                draft.commit_secret,
                                                combine_psks(suite, {}));
        Bytes tag = next.state.confirmation_tag;
        if (flip_tag) tag[0] ^= 1U;
        if (cut_tag) tag.resize(cut_tag_to);
        return closed(std::move(content).with_confirmation_tag(std::move(tag)));
    }

    [[nodiscard]] Bytes path_commit() {
        return path_commit([](LeafNode&, std::vector<Bytes>&, PathDraft&) {});
    }

    bool wrong_parent_hash = false;
    bool drop_last_ciphertext = false;
    bool drop_last_node = false;
    bool cut_tag = false;
    std::size_t cut_tag_to = 0;

  private:
    void spoil_parent_hash(LeafNode& leaf) const {
        if (wrong_parent_hash) leaf.origin.parent_hash[0] ^= 1U;
    }
};

}  // namespace cercle::mls
