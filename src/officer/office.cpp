// SPDX-License-Identifier: AGPL-3.0-or-later
#include "officer/office.h"

#include <utility>

#include "access/token.h"
#include "client/relay_word.h"
#include "codec/tls.h"
#include "identity/look_alike.h"
#include "identity/relay_word.h"
#include "officer/journal.h"
#include "officer/lost.h"
#include "officer/pages.h"
#include "officer/pictures.h"
#include "officer/policy.h"
#include "officer/sections.h"

namespace cercle::officer {
namespace {

using client::request_patience;
using namespace std::chrono_literals;

constexpr Duration dial_patience = 10s;
constexpr Duration first_pause = 200ms;
constexpr Duration longest_pause = 15s;

}  // namespace

Office::Office(client::Device& device, AuthorityRow authority)
    : device_(device),
      core_(device.core()),
      authority_(std::move(authority)),
      register_(core_.database),
      work_(core_.world.loop),
      retired_(core_.world.loop),
      announce_([](const std::string& /*sentence*/) {}),
      on_request_([](const InvitationRow& /*row*/) {}) {}

net::Task<void> Office::run() {
    Duration pause = first_pause;
    while (true) {
        CO_TRY_VOID(check_in_office());
        CO_TRY(const auto address, net::Address::parse(core_.self.relay));
        auto session = co_await client::Session::open(
            core_.world,
            address,
            {core_.self.relay_key.bytes},
            client::Session::Who::Officer,
            &authority_.officer_key,
            [this](const client::News& /*news*/) { wake(); },
            core_.world.loop.in(dial_patience));
        Result<void> served;
        if (session) {
            if (const auto successor = (*session)->relay_successor()) {
                CO_TRY_VOID(client::follow_relay(core_.database, core_.self, {successor->bytes}));
            }
            served = co_await serve(**session);
            static_cast<void>(co_await (*session)->close());
            pause = first_pause;
        } else {
            served = std::unexpected(session.error());
        }
        if (!served) {
            if (served.error().code == Code::closing) co_return served;
            failure_ = served.error();
            core_.changed.notify_all();
        }
        CO_TRY_VOID(co_await core_.world.loop.wait_until(core_.world.loop.in(pause)));
        pause = std::min(pause * 2, longest_pause);
    }
}

net::Task<void> Office::serve(client::Session& session) {
    // Each time: a relay that was restored may know of no claim, or of fewer orders.
    CO_TRY_VOID(co_await session.ask<protocol::Done>(protocol::Claim{},
                                                     core_.world.loop.in(request_patience)));
    CO_TRY_VOID(co_await find_orders(session));
    if (!claimed()) {
        CO_TRY_VOID(register_.set_claimed());
        authority_.claimed = 1;
        core_.changed.notify_all();
    }
    while (true) {
        work_.reset();
        if (session.lost()) co_return fail(Code::unreachable_peer, "the relay has gone away");
        CO_TRY_VOID(check_in_office());
        CO_TRY_VOID(look_after_certificates());
        CO_TRY_VOID(tell_newcomers());
        CO_TRY_VOID(tell_other_halls());
        CO_TRY_VOID(say_daily());
        CO_TRY_VOID(co_await give_orders(session));
        CO_TRY_VOID(look_after_succession());
        CO_TRY_VOID(co_await give_words(session));
        CO_TRY(auto rows, register_.open_invitations(core_.world.clock.wall()));
        for (InvitationRow& row : rows) {
            const auto attended = co_await attend(session, std::move(row));
            if (attended) continue;
            // One newcomer's nonsense keeps nobody else waiting.
            if (session.lost() || attended.error().code == Code::closing) co_return attended;
            core_.world.diary.fault(attended.error());
        }
        CO_TRY(const bool all, register_.all_given());
        if (!all) continue;
        failure_.reset();
        ++rounds_;
        core_.changed.notify_all();
        CO_TRY(const Duration silence, silence_now());
        const auto woken = co_await work_.wait(core_.world.loop.in(silence));
        if (!woken && woken.error().code != Code::deadline_passed) co_return woken;
    }
}

net::Task<void> Office::look_for_forgotten(client::Session& session) {
    // The relay takes its last order once more, in vain, and the one after it; all others it
    // refuses. So who goes back, order by order, finds where it stands.
    CO_TRY(auto order, register_.current_order());
    std::int64_t forgotten = 0;
    while (order) {
        const auto given = co_await give_order(session, *order);
        if (given) break;
        if (given.error().code != Code::refused) co_return given;
        ++forgotten;
        CO_TRY(order, register_.order_before(order->number));
    }
    if (forgotten == 0) co_return Result<void>();
    // Not even the first: this relay is not one that has only forgotten.
    if (!order) co_return fail(Code::refused, "the relay takes none of the officer's orders");
    core_.world.diary.warn("the relay has forgotten orders, and is given them again",
                           {{"orders", forgotten}});
    co_return register_.give_again_after(order->number);
}

net::Task<void> Office::give_order(client::Session& session, const OrderRow& row) {
    CO_TRY(auto signed_order, codec::decode<protocol::SignedOrder>(row.signed_order));
    CO_TRY_VOID(co_await session.ask<protocol::Done>(protocol::GiveOrder{std::move(signed_order)},
                                                     core_.world.loop.in(request_patience)));
    co_return Result<void>();
}

net::Task<void> Office::give_orders(client::Session& session) {
    CO_TRY(const auto orders, register_.orders_to_give());
    for (const OrderRow& row : orders) {
        CO_TRY_VOID(co_await give_order(session, row));
        CO_TRY_VOID(register_.set_given(row.number));
        // The device that an order admits may be our own: its courier need not wait longer.
        static_cast<void>(device_.courier().ask());
    }
    co_return Result<void>();
}

Result<bool> Office::awaits_look_alike(std::string_view name) const {
    TRY(const auto look, identity::look_of(name));
    TRY(const auto open, register_.open_invitations(core_.world.clock.wall()));
    for (const InvitationRow& row : open) {
        TRY(const auto other, identity::look_of(row.name));
        if (row.name != name && identity::are_alike(look, other)) return true;
    }
    return false;
}

Result<void> Office::confirm_relay(const identity::RelayFingerprint& key) {
    if (key != core_.self.relay_key) {
        return fail(
            Code::relay_key_mismatch,
            "the relay that answers has another key: compare again what its operator reads");
    }
    const auto now = core_.world.clock.wall().time_since_epoch().count();
    const Bytes word = identity::sign_relay_word(
        {identity::relay_word_version, key, {static_cast<std::uint64_t>(now)}},
        authority_.authority);
    TRY(auto transaction, core_.database.begin());
    TRY_VOID(client::relay_word::take(core_, transaction, word));
    TRY_VOID(enter_in_journal(
        transaction, authority_.authority, core_.world.clock.wall(), {.act = Act::Rotate}));
    // Kept and told in one: a word that is kept and told to nobody would look done.
    TRY_VOID(halls::write_to_all(core_, transaction, envelope::relay_word_type, word));
    TRY_VOID(std::move(transaction).commit());
    core_.changed.notify_all();
    core_.work.set();
    return {};
}

Result<void> Office::repeat_relay_word(protocol::LogId hall) {
    TRY(const auto word, client::relay_word::last(core_.database));
    if (!word) return {};
    TRY_VOID(client::write_content(core_, hall, envelope::relay_word_type, *word));
    return {};
}

Result<void> Office::put_in(identity::MemberId member, const identity::Sections& now) {
    TRY_VOID(put_in_sections(core_, authority_, register_, member, now));
    core_.changed.notify_all();
    core_.work.set();
    return {};
}

Result<void> Office::portray(identity::MemberId member, const std::optional<Bytes>& picture) {
    TRY_VOID(officer::portray(core_, authority_, member, picture));
    core_.changed.notify_all();
    core_.work.set();
    return {};
}

Result<void> Office::rule(const identity::Sight& sight, Rule rule) {
    TRY_VOID(set_sight(core_, authority_, register_, sight, rule));
    core_.changed.notify_all();
    core_.work.set();
    return {};
}

Result<void> Office::lose(const std::vector<client::PersonDevice>& devices) {
    TRY_VOID(report_lost(core_, authority_, devices));
    core_.changed.notify_all();
    core_.work.set();
    wake();
    return {};
}

Result<void> Office::set_policy(const std::vector<std::string>& changes) {
    TRY_VOID(officer::set_policy(core_, authority_, changes));
    core_.changed.notify_all();
    core_.work.set();
    return {};
}

Result<void> Office::burn(InvitationRow& row, std::string sentence) {
    // A person may have withdrawn it while the relay was asked.
    TRY(const auto now, register_.invitation(row.exchange));
    if (now && (now->stage == InvitationStage::Refused || now->stage == InvitationStage::Burnt)) {
        row.stage = now->stage;
        return {};
    }
    TRY_VOID(withdraw(row, InvitationStage::Burnt, Act::Burn));
    announce_("the invitation for " + row.name + ": " + sentence);
    return {};
}

Result<void> Office::withdraw(InvitationRow& row, InvitationStage stage, Act act) {
    row.stage = stage;
    row.words.reset();
    TRY(auto transaction, core_.database.begin());
    TRY_VOID(Register::update(transaction, row));
    TRY_VOID(Register::order(
        transaction, authority_.officer_key, protocol::CloseExchange{row.exchange}));
    TRY_VOID(enter_in_journal(transaction,
                              authority_.authority,
                              core_.world.clock.wall(),
                              {.act = act, .invitation = row.exchange, .name = row.name}));
    TRY_VOID(std::move(transaction).commit());
    core_.changed.notify_all();
    wake();
    return {};
}

Result<Office::Made> Office::invite(Wanted wanted) {
    auto& random = core_.world.random;
    identity::Invitation invitation;
    invitation.relay = core_.self.relay;
    invitation.relay_key = core_.self.relay_key;
    invitation.circle = core_.self.circle();
    invitation.secret = Secret(identity::invitation_secret_size);
    random.fill(invitation.secret.expose());
    invitation.expires =
        std::chrono::ceil<std::chrono::seconds>(core_.world.clock.wall() + wanted.lifetime);
    invitation.second_code = wanted.second_code;
    std::optional<std::string> code;
    if (invitation.second_code == identity::SecondCode::Needed)
        code = identity::make_second_code(random);
    auto admitter = identity::Admitter::begin(
        identity::EnrolmentKeys::derive(invitation.secret, code.value_or("")), random);
    const auto exchange = admitter.keys().exchange;
    const auto token_hash = access::token_hash(access::Right::Exchange, admitter.keys().token);
    const InvitationRow row{exchange,
                            std::move(wanted.name),
                            std::move(wanted.role),
                            invitation.expires,
                            InvitationStage::Offered,
                            std::move(admitter),
                            {},
                            {},
                            {},
                            {},
                            wanted.second_code};
    TRY(auto transaction, core_.database.begin());
    TRY_VOID(Register::add(transaction, row));
    if (!wanted.sections.empty()) {
        TRY_VOID(Register::set_sections(transaction, exchange, wanted.sections));
    }
    if (wanted.picture) {
        TRY_VOID(Register::set_picture(transaction, exchange, *wanted.picture));
    }
    if (wanted.returning) {
        TRY_VOID(Register::set_replaced(transaction, exchange, *wanted.returning));
    }
    TRY_VOID(Register::order(
        transaction,
        authority_.officer_key,
        protocol::OpenExchange{
            exchange,
            {token_hash},
            {static_cast<std::uint64_t>(invitation.expires.time_since_epoch().count())}}));
    TRY_VOID(enter_in_journal(transaction,
                              authority_.authority,
                              core_.world.clock.wall(),
                              {.act = Act::Invite, .invitation = exchange, .name = row.name}));
    TRY_VOID(std::move(transaction).commit());
    wake();
    return Made{exchange, invitation.to_text(), invitation.expires, std::move(code)};
}

}  // namespace cercle::officer
