// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Moving: the office at work on a machine that has just come to it, until the circle has come along
// (docs/spec/succession.md); and on one from which it has gone.

#include <algorithm>

#include "client/compose.h"
#include "client/judge.h"
#include "codec/tls.h"
#include "officer/office.h"
#include "officer/pages.h"
#include "officer/succession.h"

namespace cercle::officer {
namespace {

using namespace std::chrono_literals;

/// So many orders a relay may have had that a restored machine knows nothing of.
constexpr int most_unknown_orders = 100'000;
/// Who could not be taken in is tried again.
constexpr Duration between_tries = 1h;

/// Members who have a device that does not stand in the directory's conversation, and who are not
/// on their way into it.
Result<std::vector<identity::MemberId>> missing(client::Core& core, protocol::LogId directory) {
    TRY(const client::Conversation* conversation, core.conversations.load(directory));
    const client::Judge judge(core.self.root, core.world.clock.wall());
    std::vector<identity::DeviceId> present;
    for (const mls::Member& member : conversation->group.roster()) {
        TRY(const auto passport, judge.passport(member.credential));
        present.push_back(passport.device);
    }
    TRY(const auto rows,
        (core.database.all<identity::MemberId, identity::DeviceId>(
            "SELECT member, device FROM devices WHERE revoked IS NULL ORDER BY member, device")));
    std::vector<identity::MemberId> absent;
    for (const auto& [member, device] : rows) {
        const bool known = std::ranges::contains(absent, member);
        if (!known && !std::ranges::contains(present, device)) absent.push_back(member);
    }
    return absent;
}

/// Whether changes of that conversation wait.
Result<bool> is_changing(client::Core& core, protocol::LogId directory) {
    TRY(const auto row,
        core.database.one<std::int64_t>("SELECT 1 FROM outbox WHERE log = ?1 AND kind = ?2 LIMIT 1",
                                        directory,
                                        client::OutboxKind::Change));
    return row.has_value();
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

Result<void> Office::look_after_succession() {
    TRY(auto row, register_.succession());
    if (!row || row->stage == SuccessionStage::Done) return {};
    if (row->stage == SuccessionStage::Gathering) {
        TRY_VOID(take_accounts(core_));
        TRY(const Gathered so_far, gathered(core_));
        if (so_far.told < so_far.devices) return {};
    }
    TRY_VOID(open_office(core_, authority_));
    TRY_VOID(begin_directory());
    return take_all_in();
}

Result<void> Office::begin_directory() {
    TRY(const auto there, core_.conversations.directory());
    if (there) return {};
    TRY(const auto log, core_.database.one<protocol::LogId>("SELECT directory FROM self"));
    if (!log) return fail(Code::store_corrupt, "an office without a directory");
    TRY_VOID(client::begin_conversation(
        core_,
        {std::get<0>(*log), {1, client::ConversationKind::Directory, {}}, std::nullopt, {}}));
    return {};
}

Result<void> Office::take_all_in() {
    TRY(const auto directory, core_.conversations.directory());
    if (!directory || directory->state != client::ConversationState::Open) return {};
    TRY(const bool changing, is_changing(core_, directory->log));
    if (changing) return {};
    TRY(const auto absent, missing(core_, directory->log));
    const SteadyTime steady = core_.world.clock.steady();
    const bool again = !taken_in_ || steady >= *taken_in_ + between_tries;
    if (!absent.empty() && again) {
        taken_in_ = steady;
        // One commit for each: who has no key package at the relay keeps no other out.
        for (const identity::MemberId& member : absent) {
            client::Change change;
            change.add.push_back(member);
            change.take = protocol::EntryId::random(core_.world.random);
            TRY_VOID(client::write_change(core_, directory->log, std::move(change)));
        }
        return {};
    }
    return show_all(directory->log, absent.empty() ? Attended::ByAll : Attended::BySome);
}

Result<void> Office::show_all(protocol::LogId directory, Attended attended) {
    const bool everybody = attended == Attended::ByAll;
    TRY(client::Conversation * conversation, core_.conversations.load(directory));
    const auto leaves = static_cast<std::int64_t>(conversation->group.roster().size());
    TRY(auto row, register_.succession());
    const bool shown = row->shown == leaves;
    if (shown && !everybody) return {};
    if (everybody) row->stage = SuccessionStage::Done;
    row->shown = leaves;
    TRY(auto transaction, core_.database.begin());
    if (!shown) {
        TRY(const auto page, whole_directory_anew(transaction));
        const Secret signed_page = identity::sign_page(page, authority_.authority);
        TRY_VOID(client::write_content(
            core_, transaction, directory, envelope::directory_type, signed_page.reveal()));
    }
    TRY_VOID(Register::keep(transaction, *row));
    TRY_VOID(std::move(transaction).commit());
    TRY_VOID(repeat_relay_word(directory));
    core_.changed.notify_all();
    core_.work.set();
    return {};
}

Result<void> Office::proceed() {
    TRY_VOID(take_accounts(core_));
    TRY_VOID(open_office(core_, authority_));
    wake();
    return {};
}

Result<bool> Office::is_gathering() const {
    TRY(const auto row, register_.succession());
    return row && row->stage == SuccessionStage::Gathering;
}

Result<bool> Office::is_moving() const {
    TRY(const auto row, register_.succession());
    return row && row->stage < SuccessionStage::Done;
}

}  // namespace cercle::officer
