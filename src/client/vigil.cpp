// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/vigil.h"

#include <algorithm>

#include "client/alarms.h"
#include "client/resets.h"
#include "client/transparency.h"

namespace cercle::client::vigil {
namespace {

using transparency::Taking;

/// The version from which pages bring what the log has grown by.
constexpr std::uint8_t first_with_growth = 3;

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
        TRY_VOID(Alarms::raise(transaction, Code::device_unasked, device.device, at));
    }
    for (const identity::DirectoryMember& member : page.members) {
        if (member.member != own) continue;
        TRY(const auto known, core.people.find(own));
        if (!known || (known->name == member.name && known->role == member.role)) continue;
        TRY_VOID(Alarms::raise(transaction, Code::name_changed, core.self.device, at));
    }
    return {};
}

/// What others have shown of the log, where this copy has grown as far.
Result<void> compare_with_others(store::Transaction& transaction, WallTime at) {
    TRY(const auto compared, transparency::compare_kept(transaction));
    for (const auto& [device, same] : compared) {
        if (same) continue;
        TRY_VOID(Alarms::raise(transaction, Code::directory_forked, device, at));
    }
    return {};
}

}  // namespace

Result<void> begin(store::Transaction& transaction, const identity::DirectoryPage& page) {
    if (page.version < first_with_growth) return {};
    TRY(const Taking taking, transparency::take(transaction, page, page.growth));
    if (taking == Taking::Grown) return {};
    return fail(Code::directory_forked, "the circle's list of members is not what its log says");
}

Result<bool> judge_first(store::Transaction& transaction,
                         const identity::DirectoryPage& page,
                         WallTime at) {
    if (page.version < first_with_growth) return true;
    TRY(const Taking taking, transparency::take(transaction, page, page.growth));
    if (taking == Taking::Grown) return true;
    TRY_VOID(
        Alarms::raise(transaction,
                      taking == Taking::Forked ? Code::directory_forked : Code::directory_withheld,
                      {},
                      at));
    return false;
}

Result<bool> judge(Core& core,
                   store::Transaction& transaction,
                   const identity::DirectoryPage& page,
                   WallTime at) {
    TRY(const auto before, transparency::head(transaction));
    const std::uint64_t known = before.size.value;
    // A circle that has a log has no pages without.
    if (page.version < first_with_growth && known != 0) {
        TRY_VOID(Alarms::raise(transaction, Code::directory_forked, {}, at));
        return false;
    }
    if (page.version < first_with_growth) return true;
    TRY(const Taking taking, transparency::take(transaction, page, page.growth));
    if (taking != Taking::Grown) {
        const Code rule =
            taking == Taking::Forked ? Code::directory_forked : Code::directory_withheld;
        TRY_VOID(Alarms::raise(transaction, rule, {}, at));
        return false;
    }
    // Who knew no log so far, since his circle had none, learns what was said before.
    TRY(const bool hidden, transparency::hides_of(core.self.member, page, page.growth, known));
    if (hidden && known != 0)
        TRY_VOID(Alarms::raise(transaction, Code::fact_hidden, core.self.device, at));
    TRY_VOID(look_for_own(core, transaction, page, at));
    TRY_VOID(resets::note(core, transaction, page, at));
    TRY_VOID(compare_with_others(transaction, at));
    return true;
}

Result<void> hear(store::Transaction& transaction,
                  identity::DeviceId device,
                  const envelope::CircleHead& circle,
                  WallTime at) {
    TRY(const bool same,
        transparency::hear(transaction, device, {{circle.size}, {circle.root}}, at));
    if (same) return {};
    return Alarms::raise(transaction, Code::directory_forked, device, at);
}

}  // namespace cercle::client::vigil
