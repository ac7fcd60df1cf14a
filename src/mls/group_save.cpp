// SPDX-License-Identifier: AGPL-3.0-or-later
//
// A group and a staged commit as bytes for the vault (docs/spec/mls-profile.md): a public part
// and a secret one, which belong together and into one transaction.
#include <algorithm>

#include "mls/group_state.h"

namespace cercle::mls {
namespace {

// What stood at a leaf in a past epoch and did no longer in the one after it; nothing if nobody.
struct SavedDeparture {
    LeafIndex index;
    std::optional<Leaf> leaf;

    auto fields(this auto& self) { return std::tie(self.index, self.leaf); }
};

// A past epoch's members are most of the next one's: only the differences are stored.
struct SavedPastPublic {
    Bytes context;
    Epoch epoch;
    std::uint32_t width = 0;
    std::vector<SavedDeparture> departures;

    auto fields(this auto& self) {
        return std::tie(self.context, self.epoch, self.width, self.departures);
    }
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

struct SavedProposedKeys {
    Bytes ref;
    Secret leaf_key;
    std::optional<Secret> signing_key;

    auto fields(this auto& self) { return std::tie(self.ref, self.leaf_key, self.signing_key); }
};

std::optional<Secret> secret_of(const std::optional<crypto::SigningKey>& key) {
    if (!key) return std::nullopt;
    return key->secret().copy();
}

Result<std::optional<crypto::SigningKey>> key_from(const Suite& suite,
                                                   const std::optional<Secret>& secret) {
    if (!secret) return std::nullopt;
    return crypto::SigningKey::from_secret(suite.signature, secret->reveal());
}

// Of both parts.
Result<void> read_version(codec::Reader& open, codec::Reader& secret) {
    TRY(const auto version, open.number<std::uint16_t>());
    TRY(const auto secret_version, secret.number<std::uint16_t>());
    if (version != saved_version || secret_version != saved_version) {
        return fail(Code::unsupported, "stored by another version");
    }
    return {};
}

bool is_same(const RatchetTree::SharedLeaf& one, const RatchetTree::SharedLeaf& other) {
    if (one == nullptr || other == nullptr) return one == other;
    return one == other || one->bytes() == other->bytes();
}

std::vector<SavedDeparture> departures(const RatchetTree::Leaves& from,
                                       const RatchetTree::Leaves& to) {
    std::vector<SavedDeparture> found;
    RatchetTree::Leaves::visit_unshared(from, to, [&](std::size_t at) {
        if (at >= from.size()) return;
        const auto& leaf = from[at];
        if (is_same(leaf, at < to.size() ? to[at] : nullptr)) return;
        found.push_back({{static_cast<std::uint32_t>(at)}, std::nullopt});
        if (leaf != nullptr) found.back().leaf = leaf->open();
    });
    return found;
}

Result<RatchetTree::Leaves> undo(RatchetTree::Leaves to, const SavedPastPublic& saved) {
    TRY(const TreeSize width, TreeSize::for_leaves(saved.width));
    if (width.leaves != saved.width) return fail(Code::store_corrupt, "a past tree of no size");
    to.resize(saved.width);
    std::optional<LeafIndex> last;
    for (const SavedDeparture& one : saved.departures) {
        if (!width.contains(one.index)) {
            return fail(Code::store_corrupt, "a past member outside of his tree");
        }
        auto leaf = one.leaf ? std::make_shared<const KeptLeaf>(*one.leaf) : nullptr;
        if ((last && one.index <= *last) || is_same(leaf, to[one.index.value])) {
            return fail(Code::not_canonical, "a past member out of order, or who has not left");
        }
        last = one.index;
        to.set(one.index.value, std::move(leaf));
    }
    return to;
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

std::vector<SavedPastPublic> public_parts(const std::deque<PastEpoch>& past,
                                          const RatchetTree::Leaves& current) {
    std::vector<SavedPastPublic> saved;
    for (std::size_t at = 0; at < past.size(); ++at) {
        const auto& leaves = past[at].leaves;
        saved.push_back({past[at].context,
                         past[at].epoch,
                         static_cast<std::uint32_t>(leaves.size()),
                         departures(leaves, at + 1 < past.size() ? past[at + 1].leaves : current)});
    }
    return saved;
}

// The open part of a past epoch, with its members put together.
struct PastPublic {
    Bytes context;
    Epoch epoch;
    RatchetTree::Leaves leaves;
};

Result<std::vector<PastPublic>> read_past_public(codec::Reader& reader,
                                                 const RatchetTree::Leaves& current) {
    TRY(auto saved, codec::read<std::vector<SavedPastPublic>>(reader));
    std::vector<PastPublic> past(saved.size());
    const RatchetTree::Leaves* after = &current;
    for (std::size_t at = saved.size(); at-- > 0;) {
        TRY(past[at].leaves, undo(*after, saved[at]));
        past[at].context = std::move(saved[at].context);
        past[at].epoch = saved[at].epoch;
        after = &past[at].leaves;
    }
    return past;
}

Result<std::deque<PastEpoch>> read_past(codec::Reader& open,
                                        codec::Reader& secret,
                                        const RatchetTree::Leaves& current) {
    TRY(auto publics, read_past_public(open, current));
    TRY(auto secrets, codec::read<std::vector<SavedPastSecret>>(secret));
    if (publics.size() != secrets.size() || publics.size() > past_epochs) {
        return fail(Code::store_corrupt, "past epochs that do not belong together");
    }
    std::deque<PastEpoch> past;
    for (std::size_t at = 0; at < publics.size(); ++at) {
        past.push_back({.context = std::move(publics[at].context),
                        .epoch = publics[at].epoch,
                        .leaves = std::move(publics[at].leaves),
                        .sender_data = std::move(secrets[at].sender_data),
                        .resumption = std::move(secrets[at].resumption),
                        .secret_tree = std::move(secrets[at].secret_tree)});
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
    codec::write(open, public_parts(state_->past, state_->current.tree.leaves()));
    codec::write(open, state_->framing);

    Secret secret = encode_all([&](codec::Writer& writer) {
        writer.number(saved_version);
        state_->current.write_secret(writer);
        write_list(writer, [&](codec::Writer& target) {
            for (const ProposedKeys& one : state_->proposed_keys) {
                codec::write(target, one.ref);
                codec::write(target, one.leaf_key->secret());
                codec::write(target, secret_of(one.signing_key));
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
    TRY_VOID(read_version(open, secret));
    TRY(auto current, EpochState::read(open, secret));
    const Suite& suite = *current.suite;
    if (!std::ranges::equal(current.tree.leaf(current.own())->signature_key(), key.public_key())) {
        return fail(Code::wrong_signature_key, "not the signature key of the group's leaf");
    }
    TRY(const auto saved_proposals, codec::read<std::vector<SavedProposal>>(open));
    std::vector<VerifiedProposal> proposals;
    for (const SavedProposal& one : saved_proposals) {
        if (one.sender.type == SenderType::Member &&
            current.tree.leaf(one.sender.leaf) == nullptr) {
            return fail(Code::store_corrupt, "a stored proposal of nobody");
        }
        proposals.push_back(VerifiedProposal::trusted(one.sender, one.proposal).with_ref(one.ref));
    }
    TRY(const auto saved_keys, codec::read<std::vector<SavedProposedKeys>>(secret));
    std::vector<ProposedKeys> proposed_keys;
    for (const SavedProposedKeys& one : saved_keys) {
        TRY(auto leaf_key, crypto::KemKey::from_secret(suite.hpke.kem, one.leaf_key.reveal()));
        TRY(auto signing_key, key_from(suite, one.signing_key));
        const auto proposal = std::ranges::find(proposals, one.ref, &VerifiedProposal::ref);
        const auto* const update = proposal == proposals.end() ? nullptr : proposal->as<Update>();
        if (update == nullptr || update->leaf->encryption_key != leaf_key.public_key() ||
            update->leaf->signature_key != (signing_key ? *signing_key : key).public_key()) {
            return fail(Code::store_corrupt, "proposed keys that are of no Update of ours");
        }
        proposed_keys.push_back({one.ref,
                                 std::make_shared<const crypto::KemKey>(std::move(leaf_key)),
                                 std::move(signing_key)});
    }
    const auto is_own_update = [&](const VerifiedProposal& one) {
        return one.as<Update>() != nullptr && one.sender().type == SenderType::Member &&
               one.sender().leaf == current.own();
    };
    if (std::ranges::count_if(proposals, is_own_update) != std::ssize(proposed_keys)) {
        return fail(Code::store_corrupt, "an Update of ours whose keys are not there");
    }
    TRY(auto past, read_past(open, secret, current.tree.leaves()));
    TRY(const auto framing, codec::read<HandshakeFraming>(open));
    if (framing > HandshakeFraming::Public) {
        return fail(Code::store_corrupt, "a framing of messages that nobody knows");
    }
    TRY_VOID(open.finish());
    TRY_VOID(secret.finish());
    return Group(std::make_unique<State>(State{std::move(current),
                                               key.copy(),
                                               std::move(past),
                                               std::move(proposals),
                                               std::move(proposed_keys),
                                               framing}));
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
        codec::write(writer, secret_of(signing_key));
    });
    return {std::move(open).take(), std::move(secret)};
}

Result<StagedCommit> StagedCommit::load(BytesView public_part, const Secret& secret_part) {
    codec::Reader open(public_part);
    codec::Reader secret(secret_part.reveal());
    TRY_VOID(read_version(open, secret));
    TRY(auto base, codec::read<Bytes>(open));
    TRY(const auto generation, codec::read<std::optional<Generation>>(open));
    TRY(auto commit, codec::read<Bytes>(open));
    TRY(auto welcome, codec::read<Bytes>(open));
    TRY(auto changes, codec::read<Changes>(open));
    TRY(auto state, EpochState::read(open, secret));
    TRY(const auto signing_secret, codec::read<std::optional<Secret>>(secret));
    TRY(auto signing_key, key_from(*state.suite, signing_secret));
    TRY_VOID(open.finish());
    TRY_VOID(secret.finish());
    StagedCommit staged(NextEpoch(std::make_unique<EpochState>(std::move(state))), std::move(base));
    staged.commit_hash = message_hash(commit);
    staged.commit = std::move(commit);
    staged.welcome = std::move(welcome);
    staged.changes = std::move(changes);
    staged.signing_key = std::move(signing_key);
    staged.handshake_generation_ = generation;
    return staged;
}

}  // namespace cercle::mls
