// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/group_info.h"

#include <algorithm>

#include "mls/checked_group_info.h"
#include "mls/group_state.h"
#include "mls/tree_validation.h"

namespace cercle::mls {
namespace {

Result<UncheckedTree> find_tree(const GroupInfo& info, std::optional<BytesView> beside) {
    const Extension* const inside = find_extension(info->extensions, ExtensionType::RatchetTree);
    if (inside != nullptr) return codec::decode<UncheckedTree>(inside->data);
    if (beside) return codec::decode<UncheckedTree>(*beside);
    return fail(Code::tree_missing, "a GroupInfo without a tree");
}

// Section 7.2: the limit holds for every leaf that has a lifetime. Whether it lies within it now is
// not asked: it "might have expired in the time between" (section 7.3).
Result<void> check_lengths(const RatchetTree& tree, std::optional<std::chrono::seconds> longest) {
    for (std::uint32_t at = 0; at < tree.size().leaves; ++at) {
        const auto& leaf = tree.leaf({at});
        if (leaf == nullptr) continue;
        const LeafOrigin origin = leaf->origin();
        if (origin.source != LeafNodeSource::KeyPackage) continue;
        TRY_VOID(check_length(origin.lifetime, longest));
    }
    return {};
}

}  // namespace

Result<CheckedGroupInfo> check_group_info(const Suite& suite,
                                          GroupInfo info,
                                          std::optional<BytesView> beside,
                                          const Surroundings& surroundings) {
    const GroupContext& context = info->context;
    if (context.suite != suite.id) {
        return fail(Code::suite_unsupported, "a group of another suite than its Welcome");
    }
    // "Verify that the group_id is unique among the groups that the client is currently
    // participating in."
    if (std::ranges::contains(surroundings.groups, context.group_id)) {
        return fail(Code::group_id_taken, "a group with the id of one that we are in");
    }
    TRY_VOID(check_unique(info->extensions));
    TRY_VOID(check_unique(context.extensions));
    TRY(auto unchecked, find_tree(info, beside));
    // "Verify that the tree hash of the ratchet tree matches the tree_hash field in GroupInfo",
    // the signature of who made the GroupInfo, and the rest of the tree.
    if (unchecked.unchecked().root_hash(suite) != context.tree_hash) {
        return fail(Code::tree_hash, "a tree that is not the one of the group's context");
    }
    const auto& signer = unchecked.unchecked().leaf(info->signer);
    if (signer == nullptr) {
        return fail(Code::leaf_not_a_member, "a GroupInfo signed by nobody");
    }
    TRY_VOID(verify_group_info(suite, info, signer->signature_key()));
    TRY_VOID(check_lengths(unchecked.unchecked(), surroundings.longest_lifetime));
    TRY(auto tree,
        std::move(unchecked).validate(
            suite, context.group_id, context.extensions, surroundings.judge));
    TRY_VOID(judge_external_senders({}, context.extensions, surroundings.judge));
    return CheckedGroupInfo{&suite, std::move(info), std::move(tree)};
}

VerifiedGroupInfo::VerifiedGroupInfo(std::unique_ptr<const CheckedGroupInfo> checked)
    : checked_(std::move(checked)) {}

VerifiedGroupInfo::VerifiedGroupInfo(VerifiedGroupInfo&&) noexcept = default;
VerifiedGroupInfo& VerifiedGroupInfo::operator=(VerifiedGroupInfo&&) noexcept = default;
VerifiedGroupInfo::~VerifiedGroupInfo() = default;

Result<VerifiedGroupInfo> VerifiedGroupInfo::from_message(BytesView mls_message,
                                                          const Surroundings& surroundings,
                                                          std::optional<BytesView> ratchet_tree) {
    TRY(auto message, codec::decode<MlsMessage>(mls_message));
    auto* const info = std::get_if<GroupInfo>(&message.content);
    if (info == nullptr) return fail(Code::wire_format, "a message that is no GroupInfo");
    TRY(const Suite* const suite, find_suite((*info)->context.suite));
    TRY(auto checked, check_group_info(*suite, std::move(*info), ratchet_tree, surroundings));
    return VerifiedGroupInfo(std::make_unique<const CheckedGroupInfo>(std::move(checked)));
}

const Suite& VerifiedGroupInfo::suite() const {
    return *checked_->suite;
}

const Bytes& VerifiedGroupInfo::group_id() const {
    return checked_->info->context.group_id;
}

Epoch VerifiedGroupInfo::epoch() const {
    return checked_->info->context.epoch;
}

Roster VerifiedGroupInfo::roster() const {
    return roster_of(checked_->tree);
}

const Extensions& VerifiedGroupInfo::context_extensions() const {
    return checked_->info->context.extensions;
}

const Extensions& VerifiedGroupInfo::extensions() const {
    return checked_->info->extensions;
}

Result<Bytes> Group::group_info(const PublishedInfo& published) const {
    const EpochState& now = state_->current;
    GroupInfoFields info;
    info.context = *now.context;
    info.extensions = published.extensions;
    if (published.tree == TreePlace::Inside) {
        info.extensions.push_back({ExtensionType::RatchetTree, ratchet_tree()});
    }
    if (published.external_key == PublishedInfo::ExternalKey::Inside) {
        // struct { HPKEPublicKey external_pub; } ExternalPub;
        const auto key = external_key(*now.suite, now.secrets.external);
        info.extensions.push_back({ExtensionType::ExternalPub, codec::encode(key.public_key())});
    }
    TRY_VOID(check_unique(info.extensions));
    info.confirmation_tag = now.confirmation_tag;
    info.signer = now.own();
    return codec::encode(MlsMessage{sign_group_info(std::move(info), state_->signing_key)});
}

Bytes Group::ratchet_tree() const {
    return codec::encode(state_->current.tree);
}

}  // namespace cercle::mls
