// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Moving: the office at work on a machine that has just come to it, until the circle has come along
// (docs/spec/succession.md); and on one from which it has gone.

#include <set>
#include <utility>

#include "client/compose.h"
#include "client/judge.h"
#include "client/page_letters.h"
#include "codec/tls.h"
#include "officer/office.h"
#include "officer/pages.h"
#include "officer/succession.h"

namespace cercle::officer {
namespace {

using client::request_patience;
using namespace std::chrono_literals;

/// So many orders a relay may have had that a restored machine knows nothing of.
constexpr int most_unknown_orders = 100'000;
constexpr Duration longest_silence = 30s;
constexpr Duration silence_on_the_move = 1s;
/// Whoever does not come along at once is in a drawer.
constexpr Duration most_come_within = 10min;
/// Who comes into a hall within moments of each other is shown the whole of it once.
constexpr Duration while_they_come = 2s;
/// Words are brought to the relay in rounds, between which the rest of the office goes on.
constexpr std::size_t words_of_a_round = 256;

struct Letter {
    std::int64_t ordinal = 0;
    protocol::LogId inbox;
    protocol::EntryId entry;
    Bytes payload;
};

Result<std::vector<Letter>> waiting_letters(store::Database& database) {
    TRY(auto rows,
        (database.all<std::int64_t, protocol::LogId, protocol::EntryId, Bytes>(
            "SELECT ordinal, inbox, entry, payload FROM office_letters ORDER BY ordinal LIMIT ?1",
            words_of_a_round)));
    std::vector<Letter> letters;
    for (auto& [ordinal, inbox, entry, payload] : rows)
        letters.push_back({ordinal, inbox, entry, std::move(payload)});
    return letters;
}

Result<void> forget_letter(store::Database& database, std::int64_t ordinal) {
    TRY(auto transaction, database.begin());
    TRY_VOID(transaction.run("DELETE FROM office_letters WHERE ordinal = ?1", ordinal));
    return std::move(transaction).commit();
}

/// Members with devices that have no place in a hall yet, the officer's own machine aside.
Result<std::vector<identity::MemberId>> without_seats(client::Core& core) {
    TRY(const auto rows,
        core.database.all<identity::MemberId>(
            "SELECT DISTINCT member FROM devices d WHERE revoked IS NULL AND device <> ?1"
            " AND NOT EXISTS (SELECT 1 FROM seats s WHERE s.device = d.device) ORDER BY member",
            core.self.device));
    std::vector<identity::MemberId> members;
    for (const auto& [member] : rows)
        members.push_back(member);
    return members;
}

/// Devices that have a place in a hall, and do not stand in it.
Result<std::vector<identity::DeviceId>> absent(client::Core& core) {
    std::set<identity::DeviceId> present;
    const client::Judge judge = client::Judge::of_those_present(core.self.root);
    TRY(const auto halls, halls::all(core.database));
    for (const Hall& hall : halls) {
        TRY(const client::Conversation* conversation, core.conversations.load(hall.log));
        for (const mls::Member& member : conversation->group.roster()) {
            TRY(const auto passport, judge.passport(member.credential));
            present.insert(passport.device);
        }
    }
    TRY(const auto rows,
        core.database.all<identity::DeviceId>(
            "SELECT s.device FROM seats s JOIN devices d ON d.device = s.device"
            " WHERE d.revoked IS NULL ORDER BY s.device"));
    std::vector<identity::DeviceId> away;
    for (const auto& [device] : rows) {
        if (!present.contains(device)) away.push_back(device);
    }
    return away;
}

Result<std::int64_t> shown_to(store::Database& database, protocol::LogId hall) {
    TRY(const auto row,
        database.one<std::int64_t>("SELECT leaves FROM shown_halls WHERE hall = ?1", hall));
    return row ? std::get<0>(*row) : 0;
}

/// Alone in it, the officer has nobody to show anything to.
Result<std::int64_t> leaves_in(client::Core& core, protocol::LogId hall) {
    TRY(const client::Conversation* conversation, core.conversations.load(hall));
    return static_cast<std::int64_t>(conversation->group.roster().size());
}

}  // namespace

Result<void> Office::check_in_office() {
    TRY_VOID(give_up_what_is_over(core_));
    TRY(const auto row, register_.succession());
    if (!row || (row->stage != SuccessionStage::HandingOver && row->stage != SuccessionStage::Over))
        return {};
    retired_.set();
    // Nothing that cures by being tried again: the office's loop ends.
    return fail(Code::closing, "the office is another machine's");
}

net::Task<void> Office::find_orders(client::Session& session) {
    CO_TRY(auto row, register_.succession());
    if (!row || row->orders_known != 0 || row->stage >= SuccessionStage::HandingOver) {
        co_return co_await look_for_forgotten(session);
    }
    // The backup may know more of the relay's than a relay that was restored, too; or less, by what
    // the lost machine has ordered since. Only the next order after the relay's last is taken.
    auto looked = co_await look_for_forgotten(session);
    for (int tried = 0; !looked && looked.error().code == Code::refused; ++tried) {
        if (tried == most_unknown_orders) co_return looked;
        CO_TRY_VOID(register_.renumber_waiting(authority_.officer_key));
        CO_TRY(const auto order, register_.current_order());
        if (!order) co_return looked;
        looked = co_await give_order(session, *order);
    }
    CO_TRY_VOID(looked);
    row->orders_known = 1;
    CO_TRY(auto transaction, core_.database.begin());
    CO_TRY_VOID(Register::keep(transaction, *row));
    co_return std::move(transaction).commit();
}

net::Task<void> Office::give_words(client::Session& session) {
    CO_TRY(const auto letters, waiting_letters(core_.database));
    for (const Letter& letter : letters) {
        const auto put = co_await session.ask<protocol::Posted>(
            // What stands where the token does is not looked at, and has a token's size.
            protocol::Deposit{
                letter.inbox, Secret(protocol::token_size), {letter.entry, letter.payload}},
            core_.world.loop.in(request_patience));
        if (!put && (session.lost() || put.error().code == Code::closing)) {
            co_return std::unexpected(put.error());
        }
        if (!put) core_.world.diary.fault(put.error());
        // An inbox that is not there takes none by being asked again; a relay that is full, or
        // busy, may: that word is the only one which its device hears.
        const bool over = put || put.error().code == Code::refused;
        if (over) CO_TRY_VOID(forget_letter(core_.database, letter.ordinal));
    }
    if (letters.size() == words_of_a_round) work_.set();
    co_return Result<void>();
}

Result<void> Office::look_after_succession() {
    TRY(const auto row, register_.succession());
    if (!row || row->stage >= SuccessionStage::HandingOver) return {};
    TRY_VOID(take_accounts(core_, *row));
    if (row->stage == SuccessionStage::Done) return {};
    if (row->stage == SuccessionStage::Gathering) {
        TRY(const Gathered so_far, gathered(core_));
        if (so_far.told < so_far.devices) return {};
    }
    TRY_VOID(open_office(core_, authority_));
    TRY_VOID(seat_all());
    TRY_VOID(show_all());
    return end_moving();
}

Result<void> Office::seat_all() {
    TRY(const auto members, without_seats(core_));
    for (const identity::MemberId& member : members) {
        TRY(const auto person, core_.people.find(member));
        if (!person) return fail(Code::store_corrupt, "a device in the directory is nobody's");
        TRY(auto devices, core_.people.devices_of(member));
        std::erase_if(devices, [this](const client::PersonDevice& one) {
            return one.revoked.has_value() || one.device == core_.self.device;
        });
        TRY(const Hall hall,
            halls::with_room(core_, person->sections, static_cast<std::int64_t>(devices.size())));
        client::Change change;
        change.add.push_back(member);
        change.take = protocol::EntryId::random(core_.world.random);
        TRY(auto transaction, core_.database.begin());
        // Where he is to stand comes before the Welcome to it.
        for (const client::PersonDevice& device : devices) {
            TRY_VOID(halls::seat(transaction, device.device, hall.log));
            TRY(const Pages pages, way_to_hall(transaction, device.device, hall));
            for (const identity::DirectoryPage& page : pages) {
                TRY_VOID(
                    client::write_page_letter(core_,
                                              transaction,
                                              device.inbox,
                                              device.inbox_secret,
                                              identity::sign_page(page, authority_.authority)));
            }
        }
        // Who has no key package at the relay, or is reached by a token that is not known here yet,
        // keeps no other out, and is asked for again.
        TRY_VOID(client::write_change(core_, transaction, hall.log, std::move(change)));
        TRY_VOID(std::move(transaction).commit());
        core_.changed.notify_all();
        core_.work.set();
    }
    return {};
}

Result<void> Office::show_all() {
    const SteadyTime now = core_.world.clock.steady();
    TRY(const auto halls, halls::all(core_.database));
    for (const Hall& hall : halls) {
        TRY(const std::int64_t leaves, leaves_in(core_, hall.log));
        TRY(const std::int64_t shown, shown_to(core_.database, hall.log));
        auto& coming = coming_[hall.log];
        if (coming.leaves != leaves) coming = {leaves, now};
        if (leaves < 2 || leaves == shown || now < coming.since + while_they_come) continue;
        TRY(auto transaction, core_.database.begin());
        TRY(const Pages pages, whole_for_hall(transaction, hall));
        TRY_VOID(halls::publish(core_, transaction, authority_.authority, hall, pages));
        TRY_VOID(transaction.run(
            "INSERT OR REPLACE INTO shown_halls (hall, leaves) VALUES (?1, ?2)", hall.log, leaves));
        TRY_VOID(std::move(transaction).commit());
        TRY_VOID(repeat_relay_word(hall.log));
        core_.changed.notify_all();
        core_.work.set();
    }
    return {};
}

Result<void> Office::end_moving() {
    TRY(const auto away, absent(core_));
    TRY(auto row, register_.succession());
    if (!away.empty()) return tell_turn(away, *std::move(row));
    TRY(const auto halls, halls::all(core_.database));
    for (const Hall& hall : halls) {
        TRY(const std::int64_t leaves, leaves_in(core_, hall.log));
        TRY(const std::int64_t shown, shown_to(core_.database, hall.log));
        if (leaves > 1 && leaves != shown) return {};
    }
    row->stage = SuccessionStage::Done;
    TRY(auto transaction, core_.database.begin());
    TRY_VOID(Register::keep(transaction, *row));
    TRY_VOID(transaction.run("DELETE FROM shown_halls"));
    TRY_VOID(std::move(transaction).commit());
    core_.changed.notify_all();
    return {};
}

Result<void> Office::tell_turn(const std::vector<identity::DeviceId>& away, SuccessionRow row) {
    TRY(const auto turn, core_.database.one<identity::InboxTurn>("SELECT inbox_turn FROM self"));
    if (!turn || std::get<0>(*turn) <= row.turn) return {};
    TRY(const auto word, word_again(core_, authority_, identity::Asks::WhatIsKnown));
    if (!word) return {};
    row.turn = std::get<0>(*turn);
    TRY(auto transaction, core_.database.begin());
    for (const identity::DeviceId& device : away) {
        TRY(const auto known, core_.people.device(device));
        if (!known) continue;
        TRY_VOID(write_word(
            core_.world.random, transaction, known->inbox, known->inbox_secret, word->reveal()));
    }
    TRY_VOID(Register::keep(transaction, row));
    TRY_VOID(std::move(transaction).commit());
    wake();
    return {};
}

Result<void> Office::proceed() {
    TRY(const auto row, register_.succession());
    if (!row || row->stage >= SuccessionStage::Done) return {};
    TRY_VOID(take_accounts(core_, *row));
    TRY_VOID(open_office(core_, authority_));
    wake();
    return {};
}

Result<bool> Office::is_gathering() const {
    TRY(const auto row, register_.succession());
    return row && row->stage == SuccessionStage::Gathering;
}

Result<Duration> Office::silence_now() {
    TRY(const auto row, register_.succession());
    if (!row || row->stage >= SuccessionStage::Done) return longest_silence;
    const SteadyTime now = core_.world.clock.steady();
    if (row->stage != SuccessionStage::Opening) return silence_on_the_move;
    if (!opening_since_) opening_since_ = now;
    return now < *opening_since_ + most_come_within ? silence_on_the_move : longest_silence;
}

}  // namespace cercle::officer
