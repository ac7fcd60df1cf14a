// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/vigil.h"

#include <algorithm>

#include "client/alarms.h"
#include "client/resets.h"
#include "client/transparency.h"

namespace cercle::client::vigil {
namespace {

using transparency::Taking;

/// So long others may know more than has come here.
constexpr auto longest_behind = std::chrono::hours(48);

/// A device of our own member's that this one knows nothing of, or this one with another key.
Result<bool> is_unasked(Core& core, const identity::DirectoryDevice& device) {
    TRY(const auto passport, core.self.root.recognise(device.certificate));
    if (device.device == core.self.device) {
        return passport.signature_key != core.self.signature_key.public_key();
    }
    TRY(const auto known, core.people.device(device.device));
    return !known.has_value();
}

Result<void> look_for_own(Core& core,
                          store::Transaction& transaction,
                          const identity::DirectoryPage& page,
                          WallTime at) {
    const identity::MemberId own = core.self.member;
    for (const identity::DirectoryDevice& device : page.devices) {
        if (device.member != own) continue;
        TRY(const bool unasked, is_unasked(core, device));
        if (!unasked) continue;
        const auto leaf =
            identity::leaf_of_device(device.member, device.device, device.certificate);
        TRY_VOID(Alarms::raise(
            transaction, rule_name(Code::device_unasked), {device.device, own, leaf.fact}, at));
    }
    for (const identity::DirectoryMember& member : page.members) {
        if (member.member != own) continue;
        TRY(const auto known, core.people.find(own));
        if (!known || (known->name == member.name && known->role == member.role)) continue;
        const auto leaf = identity::leaf_of_name(own, member.name, member.role);
        TRY_VOID(Alarms::raise(
            transaction, rule_name(Code::name_changed), {core.self.device, own, leaf.fact}, at));
    }
    return {};
}

/// What others have shown of the log, where this copy has grown as far.
Result<void> compare_with_others(store::Transaction& transaction, WallTime at) {
    TRY(const auto compared, transparency::compare_kept(transaction));
    for (const auto& [device, shown, same] : compared) {
        if (same) continue;
        TRY_VOID(Alarms::raise(
            transaction, rule_name(Code::directory_forked), {device, {}, shown.bytes}, at));
    }
    return {};
}

}  // namespace

Result<void> begin(store::Transaction& transaction, const identity::DirectoryPage& page) {
    TRY(const Taking taking, transparency::take(transaction, page, page.growth));
    if (taking == Taking::Grown) return {};
    return fail(Code::directory_forked, "the circle's list of members is not what its log says");
}

Result<Belief> judge_first(store::Transaction& transaction,
                           const identity::DirectoryPage& page,
                           WallTime at) {
    TRY(const auto before, transparency::head(transaction));
    TRY(const Taking taking, transparency::take(transaction, page, page.growth));
    if (taking == Taking::Grown) return Belief::Believed;
    const bool forked = taking == Taking::Forked;
    const Code rule = forked ? Code::directory_forked : Code::directory_withheld;
    TRY_VOID(Alarms::raise(transaction, rule_name(rule), {{}, {}, before.root.bytes}, at));
    return forked ? Belief::Refused : Belief::Behind;
}

Result<Belief> judge(Core& core,
                     store::Transaction& transaction,
                     const identity::DirectoryPage& page,
                     WallTime at) {
    TRY(const auto before, transparency::head(transaction));
    const std::uint64_t known = before.size.value;
    TRY(const Taking taking, transparency::take(transaction, page, page.growth));
    if (taking != Taking::Grown) {
        const bool forked = taking == Taking::Forked;
        const Code rule = forked ? Code::directory_forked : Code::directory_withheld;
        // Once for each place behind which this device stays.
        TRY_VOID(Alarms::raise(transaction, rule_name(rule), {{}, {}, before.root.bytes}, at));
        return forked ? Belief::Refused : Belief::Behind;
    }
    // Who knew no log so far, since his circle had none, learns what was said before.
    TRY(const auto hidden, transparency::hidden_of(core.self.member, page, page.growth, known));
    for (const crypto::Digest& fact : hidden) {
        if (known == 0) break;
        TRY_VOID(Alarms::raise(transaction,
                               rule_name(Code::fact_hidden),
                               {core.self.device, core.self.member, fact},
                               at));
    }
    TRY_VOID(look_for_own(core, transaction, page, at));
    TRY_VOID(resets::note(core, transaction, page, at));
    TRY_VOID(compare_with_others(transaction, at));
    return Belief::Believed;
}

Result<void> hear(store::Transaction& transaction,
                  identity::DeviceId device,
                  const envelope::CircleHead& circle,
                  WallTime at) {
    TRY(const bool same,
        transparency::hear(transaction, device, {{circle.size}, {circle.root}}, at));
    if (same) return {};
    return Alarms::raise(
        transaction, rule_name(Code::directory_forked), {device, {}, circle.root}, at);
}

Result<void> look(Core& core) {
    const WallTime now = core.world.clock.wall();
    TRY(const auto since, transparency::behind_since(core.database));
    if (!since || now - *since < longest_behind) return {};
    TRY(auto transaction, core.database.begin());
    TRY(const auto here, transparency::head(transaction));
    TRY_VOID(Alarms::raise(
        transaction, rule_name(Code::directory_withheld), {{}, {}, here.root.bytes}, now));
    return std::move(transaction).commit();
}

}  // namespace cercle::client::vigil
