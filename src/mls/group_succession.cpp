// SPDX-License-Identifier: AGPL-3.0-or-later
#include "mls/group_succession.h"

#include <algorithm>

namespace cercle::mls {
namespace {

// "a pair of LeafNodes is said to "match" if the identifiers presented by their respective
// credentials are considered equivalent by the application" (section 11.3): to the judge of who
// may go on as whom.
bool match(const Credential& old, const Credential& next, const CredentialJudge& judge) {
    return judge.judge_successor(old, next).has_value();
}

// The members of an epoch of the old group; nobody if it is not kept.
std::vector<Credential> members_in(const Group::State& group, Epoch epoch) {
    std::vector<Credential> members;
    if (epoch == group.current.context->epoch) {
        for (const Member& member : group.current.roster())
            members.push_back(member.credential);
    }
    for (const PastEpoch& past : group.past) {
        if (past.epoch != epoch) continue;
        for (LeafIndex at{0}; at.value < past.leaves.size(); ++at.value) {
            if (const KeptLeaf* const leaf = past.leaf(at)) {
                members.push_back(leaf->open()->credential);
            }
        }
    }
    return members;
}

// "verify that all the members of the old group are also members of the new group" (reinit), "that
// the members of the new group compose a subset of the members of the old group" (branch),
// "according to the application" (section 12.4.3.1).
Result<void> check_members(ResumptionUsage usage,
                           const std::vector<Credential>& old,
                           const std::vector<Credential>& next,
                           const CredentialJudge& judge) {
    const bool complete = usage == ResumptionUsage::ReInit
                              ? std::ranges::all_of(old,
                                                    [&](const Credential& before) {
                                                        return std::ranges::any_of(
                                                            next, [&](const Credential& after) {
                                                                return match(before, after, judge);
                                                            });
                                                    })
                              : std::ranges::all_of(next, [&](const Credential& after) {
                                    return std::ranges::any_of(old, [&](const Credential& before) {
                                        return match(before, after, judge);
                                    });
                                });
    if (!complete) {
        return fail(Code::succession_members,
                    "a group that follows from another with others in it");
    }
    return {};
}

std::vector<Credential> credentials_of(const Roster& roster) {
    std::vector<Credential> credentials;
    for (const Member& member : roster)
        credentials.push_back(member.credential);
    return credentials;
}

std::vector<Credential> credentials_of(const Succession& succession) {
    std::vector<Credential> credentials{succession.profile.credential};
    for (const VerifiedKeyPackage& member : succession.members)
        credentials.push_back(member.credential());
    return credentials;
}

// A group of one, and at once the commit that brings in the others and the key of the old group:
// "an initial Commit setting up a new group" (section 11.2).
Result<FollowingGroup> found(const Group::State& old,
                             ResumptionUsage usage,
                             const ReInit& parameters,
                             const Succession& succession,
                             const CredentialJudge& judge,
                             Random& random) {
    TRY_VOID(check_members(
        usage, credentials_of(old.current.roster()), credentials_of(succession), judge));
    TRY(const Suite* const suite, find_suite(parameters.suite));
    TRY(auto group,
        Group::create(*suite,
                      parameters.group_id,
                      succession.key,
                      succession.profile,
                      parameters.extensions,
                      random));
    Intents intents;
    intents.adds = succession.members;
    PskId psk = resumption_psk_id(old.current.context->group_id, old.current.context->epoch);
    psk.usage = usage;
    intents.psks.push_back(std::move(psk));
    const PsksOfPredecessor source(&old, nullptr);
    intents.psk_source = &source;
    TRY(auto staged, group.stage_commit(intents, {}, random));
    Bytes welcome = staged.welcome;
    TRY_VOID(group.merge(std::move(staged)));
    return FollowingGroup{std::move(group), std::move(welcome)};
}

}  // namespace

bool ties_groups(const PskId& psk) {
    return psk.type == PskType::Resumption && psk.usage != ResumptionUsage::Application;
}

Result<Secret> PsksOfPredecessor::external_psk(BytesView id) const {
    if (others_ == nullptr) return fail(Code::psk_unknown, "a pre-shared key, and nowhere to look");
    return others_->external_psk(id);
}

Result<Secret> PsksOfPredecessor::resumption_psk(BytesView group_id, Epoch epoch) const {
    if (predecessor_ != nullptr &&
        std::ranges::equal(predecessor_->current.context->group_id, group_id)) {
        const Secret* const found = predecessor_->resumption_psk(epoch);
        if (found != nullptr) return found->copy();
    }
    if (others_ == nullptr) return fail(Code::psk_unknown, "a resumption key of no group of ours");
    return others_->resumption_psk(group_id, epoch);
}

Result<void> check_succession(const Group::State& predecessor,
                              const EpochState& next,
                              std::span<const PskId> psks,
                              const CredentialJudge& judge) {
    const GroupContext& old = *predecessor.current.context;
    const GroupContext& context = *next.context;
    // "if a PreSharedKeyID has type resumption with usage reinit or branch, verify that it is the
    // only such PSK" (section 12.4.3.1); and there must be one of the old group.
    const auto tie = std::ranges::find_if(psks, ties_groups);
    if (std::ranges::count_if(psks, ties_groups) != 1 || tie->group_id != old.group_id) {
        return fail(Code::succession_psk, "a group that no key ties to its predecessor");
    }
    // "verify that the epoch field in the GroupInfo is equal to 1."
    if (context.epoch != Epoch{1}) {
        return fail(Code::succession_epoch, "a group that follows, but not from its beginning");
    }
    if (tie->usage == ResumptionUsage::ReInit) {
        // "verify that the last Commit to the referenced group contains a ReInit proposal and that
        // the group_id, version, cipher_suite, and group_context.extensions fields of the GroupInfo
        // match the ReInit proposal."
        const auto& reinit = predecessor.current.reinit;
        if (!reinit || tie->epoch != old.epoch) {
            return fail(Code::group_not_reinitialised, "a ReInit that nobody has committed");
        }
        if (*reinit !=
            ReInit{context.group_id, context.version, context.suite, context.extensions}) {
            return fail(Code::succession_parameters, "a group other than its ReInit asked for");
        }
    } else if (context.version != old.version || context.suite != old.suite) {
        // "For usage branch, verify that the version and cipher_suite of the new group match those
        // of the old group".
        return fail(Code::succession_parameters, "a branch of another version or suite");
    }
    return check_members(
        tie->usage, members_in(predecessor, tie->epoch), credentials_of(next.roster()), judge);
}

Result<FollowingGroup> Group::reinitialise(const Succession& succession,
                                           const CredentialJudge& judge,
                                           Random& random) const {
    const auto& reinit = state_->current.reinit;
    if (!reinit) return fail(Code::group_not_reinitialised, "a group that goes on");
    if (reinit->version != ProtocolVersion::Mls10) {
        return fail(Code::version_unsupported, "a ReInit to a version that this build lacks");
    }
    return found(*state_, ResumptionUsage::ReInit, *reinit, succession, judge, random);
}

Result<FollowingGroup> Group::branch(BytesView group_id,
                                     Extensions context_extensions,
                                     const Succession& succession,
                                     const CredentialJudge& judge,
                                     Random& random) const {
    TRY_VOID(state_->check_open());
    // "using the same parameters as the old group" (section 11.3).
    const ReInit parameters{to_bytes(group_id),
                            state_->current.context->version,
                            suite().id,
                            std::move(context_extensions)};
    return found(*state_, ResumptionUsage::Branch, parameters, succession, judge, random);
}

}  // namespace cercle::mls
