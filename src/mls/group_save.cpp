// SPDX-License-Identifier: AGPL-3.0-or-later
//
// A group and a staged commit as bytes for the vault (docs/spec/mls-profile.md): a public part
// and a secret one, which belong together and into one transaction.
#include <algorithm>
#include <map>

#include "mls/group_state.h"

namespace cercle::mls {
namespace {

struct SavedLeafRef {
    LeafIndex index;
    std::uint32_t in_pool = 0;

    auto fields(this auto& self) { return std::tie(self.index, self.in_pool); }
};

struct SavedPastPublic {
    Bytes context;
    Epoch epoch;
    std::vector<SavedLeafRef> leaves;

    auto fields(this auto& self) { return std::tie(self.context, self.epoch, self.leaves); }
};

struct SavedPastSecret {
    Secret sender_data;
    Secret resumption;
    SecretTree secret_tree;

    auto fields(this auto& self) {
        return std::tie(self.sender_data, self.resumption, self.secret_tree);
    }
};

struct SavedProposal {
    Sender sender;
    Bytes ref;
    Proposal proposal;

    auto fields(this auto& self) { return std::tie(self.sender, self.ref, self.proposal); }
};

struct SavedProposedKey {
    Bytes ref;
    Secret key;

    auto fields(this auto& self) { return std::tie(self.ref, self.key); }
};

// Version 1 knew proposals of members only.
struct SavedProposalOfMember {
    LeafIndex sender;
    Bytes ref;
    Proposal proposal;

    auto fields(this auto& self) { return std::tie(self.sender, self.ref, self.proposal); }
};

Result<std::vector<SavedProposal>> read_proposals(codec::Reader& reader, std::uint16_t version) {
    if (version >= 2) return codec::read<std::vector<SavedProposal>>(reader);
    TRY(auto old, codec::read<std::vector<SavedProposalOfMember>>(reader));
    std::vector<SavedProposal> proposals;
    for (SavedProposalOfMember& one : old) {
        proposals.push_back(
            {Sender::member(one.sender), std::move(one.ref), std::move(one.proposal)});
    }
    return proposals;
}

// Of both parts, which are of one version.
Result<std::uint16_t> read_version(codec::Reader& open, codec::Reader& secret) {
    TRY(const auto version, open.number<std::uint16_t>());
    TRY(const auto secret_version, secret.number<std::uint16_t>());
    if (version < oldest_saved_version || version > saved_version || version != secret_version) {
        return fail(Code::unsupported, "stored by another version");
    }
    return version;
}

// Past epochs share most of their leaves with each other and with the current tree: every leaf
// is stored once, in the order in which the epochs name them.
struct LeafPool {
    std::map<BytesView, std::uint32_t, bool (*)(BytesView, BytesView)> known{
        [](BytesView left, BytesView right) {
            return std::ranges::lexicographical_compare(left, right);
        }};
    std::vector<Leaf> leaves;

    std::uint32_t place(const Leaf& leaf) {
        const auto [found, is_new] =
            known.emplace(leaf.bytes(), static_cast<std::uint32_t>(leaves.size()));
        if (is_new) leaves.push_back(leaf);
        return found->second;
    }
};

struct SavedPast {
    std::vector<Leaf> pool;
    std::vector<SavedPastPublic> epochs;
};

SavedPast collect(const std::deque<PastEpoch>& past) {
    LeafPool pool;
    SavedPast saved;
    for (const PastEpoch& one : past) {
        SavedPastPublic open{one.context, one.epoch, {}};
        for (const auto& [index, leaf] : one.leaves) {
            open.leaves.push_back({index, pool.place(*leaf)});
        }
        saved.epochs.push_back(std::move(open));
    }
    saved.pool = std::move(pool.leaves);
    return saved;
}

template <class WriteAll>
Secret encode_all(const WriteAll& write_all) {
    codec::Writer counter = codec::Writer::counting();
    write_all(counter);
    Secret encoded(counter.size());
    codec::Writer writer = codec::Writer::into(encoded.expose());
    write_all(writer);
    return encoded;
}

template <class WriteAll>
void write_list(codec::Writer& writer, const WriteAll& write_all) {
    codec::Writer counter = codec::Writer::counting();
    write_all(counter);
    writer.length(counter.size());
    write_all(writer);
}

Result<std::deque<PastEpoch>> read_past(codec::Reader& open, codec::Reader& secret) {
    TRY(const auto pool, codec::read<std::vector<Leaf>>(open));
    std::vector<RatchetTree::SharedLeaf> shared;
    shared.reserve(pool.size());
    for (const Leaf& leaf : pool)
        shared.push_back(std::make_shared<const Leaf>(leaf));
    TRY(auto publics, codec::read<std::vector<SavedPastPublic>>(open));
    TRY(auto secrets, codec::read<std::vector<SavedPastSecret>>(secret));
    if (publics.size() != secrets.size() || publics.size() > past_epochs) {
        return fail(Code::store_corrupt, "past epochs that do not belong together");
    }
    std::deque<PastEpoch> past;
    for (std::size_t at = 0; at < publics.size(); ++at) {
        PastEpoch one{.context = std::move(publics[at].context),
                      .epoch = publics[at].epoch,
                      .leaves = {},
                      .sender_data = std::move(secrets[at].sender_data),
                      .resumption = std::move(secrets[at].resumption),
                      .secret_tree = std::move(secrets[at].secret_tree)};
        for (const SavedLeafRef& ref : publics[at].leaves) {
            if (ref.in_pool >= shared.size()) {
                return fail(Code::store_corrupt, "a past member that was not stored");
            }
            one.leaves.emplace_back(ref.index, shared[ref.in_pool]);
        }
        past.push_back(std::move(one));
    }
    return past;
}

}  // namespace

Saved Group::save() const {
    codec::Writer open;
    open.number(saved_version);
    state_->current.write_public(open);
    std::vector<SavedProposal> proposals;
    for (const VerifiedProposal& one : state_->proposals) {
        proposals.push_back({one.sender(), one.ref(), one.proposal()});
    }
    codec::write(open, proposals);
    const SavedPast past = collect(state_->past);
    codec::write(open, past.pool);
    codec::write(open, past.epochs);

    Secret secret = encode_all([&](codec::Writer& writer) {
        writer.number(saved_version);
        state_->current.write_secret(writer);
        write_list(writer, [&](codec::Writer& target) {
            for (const ProposedKey& one : state_->proposed_keys) {
                codec::write(target, one.ref);
                codec::write(target, one.key->secret());
            }
        });
        write_list(writer, [&](codec::Writer& target) {
            for (const PastEpoch& one : state_->past) {
                codec::write(target, one.sender_data);
                codec::write(target, one.resumption);
                codec::write(target, one.secret_tree);
            }
        });
    });
    return {std::move(open).take(), std::move(secret)};
}

Result<Group> Group::load(BytesView public_part,
                          const Secret& secret_part,
                          const crypto::SigningKey& key) {
    codec::Reader open(public_part);
    codec::Reader secret(secret_part.reveal());
    TRY(const std::uint16_t version, read_version(open, secret));
    TRY(auto current, EpochState::read(open, secret, version));
    const Suite& suite = *current.suite;
    if ((*current.tree.leaf(current.own()))->signature_key != key.public_key()) {
        return fail(Code::wrong_signature_key, "not the signature key of the group's leaf");
    }
    TRY(const auto saved_proposals, read_proposals(open, version));
    std::vector<VerifiedProposal> proposals;
    for (const SavedProposal& one : saved_proposals) {
        if (one.sender.type == SenderType::Member &&
            current.tree.leaf(one.sender.leaf) == nullptr) {
            return fail(Code::store_corrupt, "a stored proposal of nobody");
        }
        proposals.push_back(VerifiedProposal::trusted(one.sender, one.proposal).with_ref(one.ref));
    }
    TRY(const auto saved_keys, codec::read<std::vector<SavedProposedKey>>(secret));
    std::vector<ProposedKey> proposed_keys;
    for (const SavedProposedKey& one : saved_keys) {
        TRY(auto leaf_key, crypto::KemKey::from_secret(suite.hpke.kem, one.key.reveal()));
        proposed_keys.push_back(
            {one.ref, std::make_shared<const crypto::KemKey>(std::move(leaf_key))});
    }
    TRY(auto past, read_past(open, secret));
    TRY_VOID(open.finish());
    TRY_VOID(secret.finish());
    return Group(std::make_unique<State>(State{std::move(current),
                                               key.copy(),
                                               std::move(past),
                                               std::move(proposals),
                                               std::move(proposed_keys)}));
}

Saved StagedCommit::save() const {
    codec::Writer open;
    open.number(saved_version);
    codec::write(open, base_);
    codec::write(open, handshake_generation_);
    codec::write(open, commit);
    codec::write(open, welcome);
    codec::write(open, changes);
    next.state_->write_public(open);
    Secret secret = encode_all([&](codec::Writer& writer) {
        writer.number(saved_version);
        next.state_->write_secret(writer);
    });
    return {std::move(open).take(), std::move(secret)};
}

Result<StagedCommit> StagedCommit::load(BytesView public_part, const Secret& secret_part) {
    codec::Reader open(public_part);
    codec::Reader secret(secret_part.reveal());
    TRY(const std::uint16_t version, read_version(open, secret));
    TRY(auto base, codec::read<Bytes>(open));
    TRY(const auto generation, codec::read<Generation>(open));
    TRY(auto commit, codec::read<Bytes>(open));
    TRY(auto welcome, codec::read<Bytes>(open));
    TRY(auto changes, codec::read<Changes>(open));
    TRY(auto state, EpochState::read(open, secret, version));
    TRY_VOID(open.finish());
    TRY_VOID(secret.finish());
    StagedCommit staged(NextEpoch(std::make_unique<EpochState>(std::move(state))), std::move(base));
    staged.commit_hash = message_hash(commit);
    staged.commit = std::move(commit);
    staged.welcome = std::move(welcome);
    staged.changes = std::move(changes);
    staged.handshake_generation_ = generation;
    return staged;
}

}  // namespace cercle::mls
