// SPDX-License-Identifier: AGPL-3.0-or-later
#include "access/label.h"
#include "codec/tls.h"
#include "relay/bounds.h"
#include "relay/chain.h"
#include "relay/decide_parts.h"

// Founding, and the officer's orders: who is admitted, and which exchanges are open.

namespace cercle::relay {
namespace {

using Effects = std::vector<Effect>;

Result<Effects> carry_out(const Bench& bench, const protocol::AdmitDevice& act) {
    LogTables& tables = bench.tables;
    TRY(const auto device, tables.find_device(act.device));
    TRY(const auto log, tables.find_log(act.inbox));
    // The names were chosen by a newcomer. A refusal here would stop all later orders, which come
    // in sequence; so the order is done, and nobody is admitted by it.
    if (device || log) return Effects{};
    Log inbox{};
    inbox.id = act.inbox;
    inbox.kind = LogKind::Inbox;
    inbox.deposit = act.deposit;
    TRY_VOID(tables.insert_log(inbox));
    TRY_VOID(tables.put_reader(act.inbox, {act.reader, Seq{1}, std::nullopt}));
    TRY_VOID(tables.insert_device({act.device, act.inbox}));
    return Effects{};
}

/// The cards go with the inbox, and what was written to their holders before them.
Result<void> drop_all_answers(LogTables& tables, const LogId& inbox) {
    CardId after{};
    while (true) {
        TRY(const auto cards, tables.cards().cards_of(inbox, after, protocol::most_listed_cards));
        if (cards.empty()) return {};
        for (const Card& card : cards)
            TRY_VOID(drop_answers(tables, card.id));
        after = cards.back().id;
    }
}

Result<Effects> carry_out(const Bench& bench, const protocol::DropDevice& act) {
    // First, and whatever is known of the device: if all else fails now, it is tried again.
    if (UnlockShares* const shares = bench.tables.unlock_shares()) {
        TRY_VOID(shares->forget(act.device));
    }
    TRY(const auto device, bench.tables.find_device(act.device));
    // Gone already: what the order wants is the case.
    if (!device) return Effects{};
    TRY_VOID(drop_all_answers(bench.tables, device->inbox));
    TRY_VOID(bench.tables.delete_log(device->inbox));
    TRY_VOID(bench.tables.delete_device(act.device));
    return Effects{DeviceDropped{act.device}};
}

Result<Effects> carry_out(const Bench& bench, const protocol::OpenExchange& act) {
    TRY_VOID(bench.tables.delete_exchanges_until(bench.now));
    TRY(const auto known, bench.tables.find_exchange(act.exchange));
    if (known) return Effects{};
    TRY(const std::uint64_t open, bench.tables.count_exchanges());
    if (open >= bounds::exchanges) return fail(Code::too_many, "too many open exchanges");
    TRY_VOID(bench.tables.insert_exchange({act.exchange, act.token, act.until}));
    return Effects{};
}

Result<Effects> carry_out(const Bench& bench, const protocol::CloseExchange& act) {
    TRY_VOID(bench.tables.delete_exchange(act.exchange));
    return Effects{ExchangeMoved{act.exchange}};
}

Result<Effects> carry_out(const Bench& bench, const protocol::RearmShares& /*act*/) {
    if (UnlockShares* const shares = bench.tables.unlock_shares()) TRY_VOID(shares->rearm());
    return Effects{};
}

}  // namespace

Result<Answer> decide_on(const Bench& bench, const protocol::Claim& /*request*/) {
    TRY(const Identity identity, bench.tables.identity());
    if (identity.officer && *identity.officer != bench.asker.officer) {
        return fail(Code::relay_claimed, "another circle lives on this relay");
    }
    if (identity.officer) return Answer{protocol::Done{}};
    TRY_VOID(bench.tables.set_officer(bench.asker.officer));
    return Answer{protocol::Done{}, {RelayClaimed{bench.asker.officer}}};
}

Result<Answer> decide_on(const Bench& bench, const protocol::GiveOrder& request) {
    TRY(const Identity identity, bench.tables.identity());
    if (!identity.officer || *identity.officer != bench.asker.officer) return refuse();
    const Bytes& bytes = request.order.order;
    const auto verdict = access::verify(
        identity.officer->view(), access::Label::Order, bytes, request.order.signature);
    if (!verdict.has_value()) return refuse();
    TRY(const auto order, codec::decode<protocol::Order>(bytes));

    const ContentHash content = content_hash(ContentOf::Order, bytes);
    if (order.number.value != 0 && order.number == identity.last_order &&
        content == identity.last_order_content) {
        return Answer{protocol::Done{}};
    }
    if (order.number != identity.last_order.next()) return refuse();
    TRY(Effects effects,
        std::visit([&bench](const auto& act) { return carry_out(bench, act); }, order.act));
    TRY_VOID(bench.tables.set_last_order(order.number, content));
    return Answer{protocol::Done{}, std::move(effects)};
}

}  // namespace cercle::relay
