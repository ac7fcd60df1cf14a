// SPDX-License-Identifier: AGPL-3.0-or-later
//
// What the officer is shown: the members, their devices, who waits, and the journal.

#include "client/shown.h"
#include "crypto/certificate.h"
#include "officer/journal.h"
#include "officer/owner.h"

namespace cercle::officer {

using client::Device;
using client::Waiting;

RequestWaiting waiting_shown(const InvitationRow& row) {
    return {{row.exchange.hex(),
             "join",
             row.name,
             row.words.value_or(""),
             client::milliseconds(row.expires)}};
}

Result<void> OfficerOwner::list_members(const EventSink& sink) {
    TRY(Office * opened, office());
    static_cast<void>(opened);
    TRY(Device * own, device());
    client::Core& core = own->core();
    TRY(const auto people, core.people.all());
    for (const client::Person& person : people)
        TRY_VOID(show_member(person, sink));
    return {};
}

Result<void> OfficerOwner::show_member(const client::Person& person, const EventSink& sink) {
    TRY(Device * own, device());
    MemberShown shown{client::shown(person), {}};
    TRY(const auto devices, own->core().people.devices_of(person.member));
    for (const client::PersonDevice& one : devices)
        shown.devices.push_back(client::shown(one));
    sink(std::move(shown));
    return {};
}

net::Task<void> OfficerOwner::list_requests(Waiting waiting, const EventSink& sink) {
    CO_TRY(Office * opened, office());
    CO_TRY(Device * own, device());
    const auto looked = [opened, before = opened->rounds()]() -> Result<bool> {
        return opened->rounds() > before;
    };
    opened->wake();
    const auto waited = co_await own->wait_until(looked, waiting.patience, waiting.deadline);
    CO_TRY(const auto rows, opened->requests());
    for (const InvitationRow& row : rows)
        sink(waiting_shown(row));
    if (!waited && waited.error().code != Code::closing) {
        co_return fail(Code::unreachable_peer,
                       "the relay could not be asked whether others have come meanwhile");
    }
    co_return waited;
}

Result<void> OfficerOwner::list_devices(const EventSink& sink) {
    TRY(Office * opened, office());
    static_cast<void>(opened);
    TRY(Device * own, device());
    TRY(const auto people, own->core().people.all());
    for (const client::Person& person : people) {
        TRY(const auto devices, own->core().people.devices_of(person.member));
        for (const client::PersonDevice& one : devices) {
            TRY(const auto certificate, crypto::Certificate::parse(one.certificate));
            sink(DeviceListed{
                client::shown(one), person.name, client::milliseconds(certificate.validity.until)});
        }
    }
    return {};
}

Result<void> OfficerOwner::show_journal(const ShowJournal& command, const EventSink& sink) {
    TRY(Office * opened, office());
    TRY(Device * own, device());
    std::optional<JournalHead> noted;
    if (!command.noted.empty()) {
        TRY(noted, JournalHead::parse(command.noted));
    }
    TRY(const auto journal, read_journal(own->core().database));
    if (command.verification == Verification::Yes || noted) {
        const auto& root = opened->authority().authority.root();
        if (const auto fault = verify_journal(root, journal, noted)) {
            sink(client::Notice{"the journal does not hold at its entry " +
                                std::to_string(fault->place)});
            return std::unexpected(fault->error);
        }
    } else {
        for (const SignedEntry& one : journal) {
            TRY(const auto entry, codec::decode<JournalEntry>(one.entry));
            sink(JournalShown{entry.number.value,
                              entry.at.value,
                              std::string(name_of(entry.act)),
                              entry.invitation ? entry.invitation->hex() : "",
                              entry.member ? entry.member->hex() : "",
                              entry.device ? entry.device->hex() : "",
                              entry.name});
        }
    }
    const bool verified = command.verification == Verification::Yes || noted;
    if (journal.empty()) return {};
    const JournalHead head{{journal.size()}, journal.back().hash()};
    sink(JournalStands{
        head.number.value, head.text(), verified ? Verification::Yes : Verification::No});
    return {};
}

}  // namespace cercle::officer
