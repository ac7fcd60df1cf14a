// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/group.h"

#include <algorithm>

#include "mls/group_state.h"

namespace cercle::mls {

NextEpoch::NextEpoch(std::unique_ptr<EpochState> state)
    : state_(std::move(state)) {}

NextEpoch::NextEpoch(NextEpoch&&) noexcept = default;
NextEpoch& NextEpoch::operator=(NextEpoch&&) noexcept = default;
NextEpoch::~NextEpoch() = default;

Epoch NextEpoch::epoch() const {
    return state_->context->epoch;
}

Roster NextEpoch::roster() const {
    return state_->roster();
}

const Extensions& NextEpoch::context_extensions() const {
    return state_->context->extensions;
}

const std::optional<ReInit>& NextEpoch::reinit() const {
    return state_->reinit;
}

const Secret& NextEpoch::epoch_authenticator() const {
    return state_->secrets.authenticator;
}

Secret NextEpoch::export_secret(std::string_view label, BytesView context, std::size_t size) const {
    return export_from(*state_->suite, state_->secrets.exporter, label, context, size);
}

Group::Group(std::unique_ptr<State> state)
    : state_(std::move(state)) {}

Group::Group(Group&&) noexcept = default;
Group& Group::operator=(Group&&) noexcept = default;
Group::~Group() = default;

Result<Group> Group::create(const Suite& suite,
                            BytesView group_id,
                            const crypto::SigningKey& key,
                            const Profile& profile,
                            Extensions context_extensions,
                            Random& random) {
    if (key.algorithm() != suite.signature) {
        return fail(Code::wrong_signature_key, "a signature key of another suite");
    }
    TRY_VOID(check_unique(context_extensions));
    auto leaf_key =
        std::make_shared<const crypto::KemKey>(crypto::KemKey::generate(suite.hpke.kem, random));
    LeafNode leaf = describe(profile, leaf_key->public_key());
    // A founder's leaf is in no key package and no commit; of the sources that are left, Update
    // is the one that binds it to this group and place.
    leaf.origin = {LeafNodeSource::Update, {}, {}};
    Leaf frozen = sign_leaf(std::move(leaf), {group_id, {0}}, key);
    TRY_VOID(check_leaf(suite, frozen, LeafNodeSource::Update, context_extensions));
    RatchetTree tree;
    tree.set_leaf({0}, frozen);

    GroupContext context;
    context.suite = suite.id;
    context.group_id = to_bytes(group_id);
    context.tree_hash = tree.root_hash(suite);
    context.extensions = std::move(context_extensions);
    // Section 11: "epoch_secret: a fresh random value of size KDF.Nh".
    const Secret epoch_secret = random_secret(suite.digest_size(), random);
    EpochState state = enter_epoch(suite,
                                   Original<GroupContext>(std::move(context)),
                                   std::move(tree),
                                   PrivateKeys({0}, std::move(leaf_key)),
                                   epoch_secret);
    return Group(std::make_unique<State>(State{std::move(state), key.copy(), {}, {}, {}}));
}

const crypto::SigningKey* Group::State::key_in(
    const EpochState& next, const std::optional<crypto::SigningKey>& of_commit) const {
    const BytesView wanted = next.tree.leaf(next.own())->signature_key();
    const auto is_wanted = [&](const crypto::SigningKey& key) {
        return std::ranges::equal(key.public_key(), wanted);
    };
    if (is_wanted(signing_key)) return &signing_key;
    if (of_commit && is_wanted(*of_commit)) return &*of_commit;
    for (const ProposedKeys& one : proposed_keys) {
        if (one.signing_key && is_wanted(*one.signing_key)) return &*one.signing_key;
    }
    return nullptr;
}

Result<void> Group::State::enter(EpochState&& next,
                                 const std::optional<crypto::SigningKey>& of_commit) {
    const crypto::SigningKey* const key = key_in(next, of_commit);
    if (key == nullptr) {
        return fail(Code::wrong_signature_key, "an epoch in which our leaf has a key of others");
    }
    if (key != &signing_key) signing_key = key->copy();
    PastEpoch ended{.context = current.context.bytes(),
                    .epoch = current.context->epoch,
                    .leaves = current.tree.leaves(),
                    .sender_data = std::move(current.secrets.sender_data),
                    .resumption = std::move(current.secrets.resumption),
                    .secret_tree = std::move(current.secret_tree)};
    past.push_back(std::move(ended));
    while (past.size() > past_epochs)
        past.pop_front();
    proposals.clear();
    proposed_keys.clear();
    current = std::move(next);
    return {};
}

const Suite& Group::suite() const {
    return *state_->current.suite;
}

const Bytes& Group::group_id() const {
    return state_->current.context->group_id;
}

Epoch Group::epoch() const {
    return state_->current.context->epoch;
}

const crypto::SigningKey& Group::signing_key() const {
    return state_->signing_key;
}

LeafIndex Group::own_index() const {
    return state_->current.own();
}

Roster Group::roster() const {
    return state_->current.roster();
}

std::optional<Member> Group::member(LeafIndex index) const {
    return state_->current.member(index);
}

const Extensions& Group::context_extensions() const {
    return state_->current.context->extensions;
}

const std::optional<ReInit>& Group::reinit() const {
    return state_->current.reinit;
}

Result<void> Group::State::check_open() const {
    // "If the Commit included a ReInit proposal, the client MUST NOT use the group to send messages
    // anymore" (section 12.4.2), nor do others change what is closed.
    if (current.reinit) {
        return fail(Code::group_reinitialised, "a group that a ReInit has closed");
    }
    return {};
}

const Secret& Group::epoch_authenticator() const {
    return state_->current.secrets.authenticator;
}

Secret Group::export_secret(std::string_view label, BytesView context, std::size_t size) const {
    return export_from(suite(), state_->current.secrets.exporter, label, context, size);
}

void Group::send_handshakes(HandshakeFraming framing) {
    state_->framing = framing;
}

HandshakeFraming Group::handshake_framing() const {
    return state_->framing;
}

std::size_t Group::pending_proposals() const {
    return state_->proposals.size();
}

Result<Bytes> Group::protect(BytesView content,
                             BytesView authenticated_data,
                             std::size_t padding,
                             Random& random) {
    EpochState& now = state_->current;
    TRY_VOID(state_->check_open());
    // "A group member that has observed one or more valid proposals within an epoch MUST send a
    // Commit message before sending application data" (section 12.4).
    if (!state_->proposals.empty()) {
        return fail(Code::proposals_pending, "a message while proposals wait for a commit");
    }
    TRY(auto key, now.secret_tree.look_up_next(*now.suite, now.own(), RatchetKind::Application));
    FramedContent framed;
    framed.group_id = now.context->group_id;
    framed.epoch = now.context->epoch;
    framed.sender.leaf = now.own();
    framed.authenticated_data = to_bytes(authenticated_data);
    framed.content = to_bytes(content);
    const auto made = VerifiedContent::sign(
        WireFormat::PrivateMessage, std::move(framed), now.context.bytes(), state_->signing_key);
    PrivateMessage message =
        protect_privately(*now.suite, made, now.secrets.sender_data, key, padding, random);
    now.secret_tree.take(std::move(key));
    return codec::encode(MlsMessage{std::move(message)});
}

}  // namespace cercle::mls
