// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/resets.h"

#include <algorithm>
#include <utility>

#include "client/alarms.h"
#include "client/judge.h"
#include "client/unlisted.h"
#include "crypto/hash.h"
#include "identity/six_words.h"

namespace cercle::client::resets {
namespace {

constexpr std::string_view device_label = "Cercle 1 device words";
constexpr std::string_view name_label = "Cercle 1 name request";

/// A renewed certificate is for the same key.
Result<bool> have_one_key(Core& core, BytesView one, BytesView other) {
    TRY(const auto before, core.self.root.recognise(one));
    TRY(const auto after, core.self.root.recognise(other));
    return before.signature_key == after.signature_key;
}

crypto::Digest digest_of(identity::DeviceId device, BytesView signature_key) {
    return crypto::sha256({view_of(device_label), device.view(), signature_key});
}

/// As ids are written here: 16 bytes are what nobody finds twice.
std::string id_of(const crypto::Digest& digest) {
    return to_hex(BytesView(digest).first(16));
}

Result<void> note_device(Core& core,
                         store::Transaction& transaction,
                         const identity::DirectoryDevice& device,
                         WallTime at) {
    TRY(const auto others, core.people.devices_of(device.member));
    if (others.empty()) return {};
    const auto known = std::ranges::find(others, device.device, &PersonDevice::device);
    if (known != others.end()) {
        TRY(const bool same, have_one_key(core, known->certificate, device.certificate));
        if (same) return {};
    }
    return transaction.run(
        "INSERT INTO resets (device, member, at) VALUES (?1, ?2, ?3)"
        " ON CONFLICT (device) DO UPDATE SET accepted = 0, at = excluded.at",
        device.device,
        device.member,
        at);
}

/// Who is called otherwise than before may be another than one thinks.
Result<void> note_name(Core& core,
                       store::Transaction& transaction,
                       const identity::DirectoryMember& member,
                       WallTime at) {
    TRY(const auto known, core.people.find(member.member));
    if (!known || known->name == member.name) return {};
    const auto leaf = identity::leaf_of_name(member.member, member.name, member.role);
    TRY_VOID(Alarms::raise(transaction, member_renamed, {{}, member.member, leaf.fact}, at));
    TRY_VOID(transaction.run(
        "INSERT INTO renames (member, name, before, at) VALUES (?1, ?2, ?3, ?4)"
        " ON CONFLICT (member) DO UPDATE SET name = excluded.name, at = excluded.at, accepted = 0,"
        " before = iif(accepted = 1, excluded.before, before)",
        member.member,
        member.name,
        known->name,
        at));
    // Back to the name under which a person here knows him.
    return transaction.run("DELETE FROM renames WHERE accepted = 0 AND name = before");
}

/// Devices and members that wait.
struct Waiting {
    std::vector<std::pair<identity::DeviceId, identity::MemberId>> devices;
    std::vector<identity::MemberId> renamed;

    [[nodiscard]] bool has(const identity::Passport& passport) const {
        return std::ranges::contains(
                   devices, passport.device, &decltype(devices)::value_type::first) ||
               std::ranges::contains(renamed, passport.member);
    }
};

Result<Waiting> waiting(store::Database& database) {
    Waiting waiting;
    TRY(const auto devices,
        (database.all<identity::DeviceId, identity::MemberId>(
            "SELECT r.device, r.member FROM resets r JOIN devices d ON d.device = r.device"
            " WHERE r.accepted = 0 AND d.revoked IS NULL ORDER BY r.at, r.device")));
    for (const auto& [device, member] : devices)
        waiting.devices.emplace_back(device, member);
    TRY(const auto renamed,
        database.all<identity::MemberId>("SELECT member FROM renames WHERE accepted = 0"));
    for (const auto& [member] : renamed)
        waiting.renamed.push_back(member);
    return waiting;
}

Result<std::vector<Request>> devices_asking(Core& core) {
    TRY(const Waiting all, waiting(core.database));
    std::vector<Request> requests;
    for (const auto& [device, member] : all.devices) {
        TRY(const auto known, core.people.device(device));
        if (!known) continue;
        TRY(const auto passport, core.self.root.recognise(known->certificate));
        const auto digest = digest_of(device, passport.signature_key);
        requests.push_back(
            {Request::Kind::Device, id_of(digest), member, identity::six_words(digest)});
    }
    return requests;
}

Result<std::vector<Request>> names_asking(store::Database& database) {
    TRY(auto rows,
        (database.all<identity::MemberId, std::string, std::string>(
            "SELECT member, name, before FROM renames WHERE accepted = 0 ORDER BY at, member")));
    std::vector<Request> requests;
    for (auto& [member, name, before] : rows) {
        const auto digest = crypto::sha256({view_of(name_label), member.view(), view_of(name)});
        requests.push_back({Request::Kind::Name, id_of(digest), member, {}, std::move(before)});
    }
    return requests;
}

Result<void> note_accepted(Core& core, const Request& request) {
    TRY(auto transaction, core.database.begin());
    if (request.kind == Request::Kind::Name) {
        TRY_VOID(
            transaction.run("UPDATE renames SET accepted = 1 WHERE member = ?1", request.member));
    } else {
        TRY(const Waiting all, waiting(core.database));
        for (const auto& [device, member] : all.devices) {
            TRY(const auto known, core.people.device(device));
            if (!known) continue;
            TRY(const auto passport, core.self.root.recognise(known->certificate));
            if (id_of(digest_of(device, passport.signature_key)) != request.id) continue;
            TRY_VOID(transaction.run("UPDATE resets SET accepted = 1 WHERE device = ?1", device));
        }
    }
    TRY_VOID(std::move(transaction).commit());
    core.changed.notify_all();
    core.work.set();
    return {};
}

}  // namespace

Result<void> note(Core& core,
                  store::Transaction& transaction,
                  const identity::DirectoryPage& page,
                  WallTime at) {
    for (const identity::DirectoryDevice& device : page.devices) {
        if (device.member == core.self.member) continue;
        TRY_VOID(note_device(core, transaction, device, at));
    }
    for (const identity::DirectoryMember& member : page.members) {
        if (member.member == core.self.member) continue;
        TRY_VOID(note_name(core, transaction, member, at));
    }
    return {};
}

Result<std::vector<Request>> requests(Core& core) {
    TRY(auto all, devices_asking(core));
    TRY(auto names, names_asking(core.database));
    std::ranges::move(names, std::back_inserter(all));
    TRY(const auto leaves, unlisted::all(core.database));
    for (const unlisted::Unlisted& one : leaves) {
        const auto digest = digest_of(one.device, one.key);
        all.push_back(
            {Request::Kind::Unlisted, id_of(digest), one.member, identity::six_words(digest)});
    }
    return all;
}

Result<bool> stands_in(Core& core, const Conversation& conversation) {
    // Nobody writes to anybody there: it has pages and words about devices, which all are to have.
    if (conversation.row.kind == ConversationKind::Directory) return false;
    TRY(const bool leaves, unlisted::stands_in(core.database, conversation.row.log));
    if (leaves) return true;
    TRY(const Waiting all, waiting(core.database));
    if (all.devices.empty() && all.renamed.empty()) return false;
    const Judge judge(core.self.root, core.world.clock.wall());
    for (const mls::Member& member : conversation.group.roster()) {
        TRY(const auto passport, judge.passport(member.credential));
        if (all.has(passport)) return true;
    }
    return false;
}

Result<bool> holds(Core& core, protocol::LogId log) {
    const auto conversation = core.conversations.load(log);
    // What is said by a card is said to nobody of the circle.
    if (!conversation && conversation.error().code == Code::unknown) return false;
    TRY(const Conversation* loaded, conversation);
    return stands_in(core, *loaded);
}

Result<void> accept(Core& core, const std::string& which) {
    TRY(auto all, requests(core));
    std::erase_if(all, [](const Request& one) { return one.kind == Request::Kind::Unlisted; });
    const auto exact = std::ranges::find(all, which, &Request::id);
    if (exact != all.end()) return note_accepted(core, *exact);
    TRY(const identity::MemberId member, core.people.resolve(which));
    std::erase_if(all, [&member](const Request& one) { return one.member != member; });
    if (all.empty()) {
        return fail(Code::unknown, "nothing of that member waits to be accepted; see: requests");
    }
    if (all.size() > 1) {
        return fail(Code::ambiguous,
                    "several of that member's wait; compare the words and accept each by its"
                    " request's id, see: requests");
    }
    return note_accepted(core, all.front());
}

std::string words_of(identity::DeviceId device, BytesView signature_key) {
    return identity::six_words(digest_of(device, signature_key));
}

}  // namespace cercle::client::resets
