// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/card_commands.h"

#include <algorithm>
#include <utility>

#include "client/answering_commands.h"
#include "client/card_post.h"
#include "client/cards.h"
#include "client/shown.h"
#include "client/talk.h"

namespace cercle::client {
namespace {

enum class WithText : std::uint8_t { No, Yes };

Result<protocol::Tier> tier_of(const std::string& word) {
    if (word.empty() || word == "knock") return protocol::Tier::Knock;
    if (word == "ring") return protocol::Tier::Ring;
    if (word == "note") return protocol::Tier::Note;
    if (word == "never") return protocol::Tier::Never;
    return fail(Code::invalid_argument, "a tier is ring, knock, note or never");
}

std::string_view stage_text(const CardFile& file) {
    if (file.stage == CardStage::Closed) return "closed";
    if (file.stage == CardStage::Bound) return "bound";
    if (file.frozen != 0) return "frozen";
    return file.stage == CardStage::Claimed ? "claimed" : "open";
}

Result<CardWish> wish_named(const std::string& id, Random& random) {
    if (id.empty()) return CardWish::random(random);
    const auto wish = CardWish::from_hex(id);
    if (!wish) return fail(Code::invalid_argument, "an id is 32 hexadecimal digits");
    return *wish;
}

Result<void> show(Core& core,
                  const protocol::CardId& card,
                  WithText with_text,
                  const EventSink& sink) {
    TRY(const auto file, cards::find(core.database, card));
    if (!file) return {};
    CardShown shown{card.hex(),
                    file->plan.label,
                    std::string(tier_text(file->plan.tier)),
                    std::string(stage_text(*file)),
                    file->leaked};
    if (with_text == WithText::Yes && file->stage < CardStage::Bound) {
        TRY(shown.text, cards::code_text(core, card));
    }
    TRY(const auto asking, answering::of_card(core.database, card));
    if (asking) shown.answers_for = name_of(core, asking->member);
    sink(shown);
    return {};
}

/// The relay has all of it; otherwise it is kept, and that is said.
net::Task<void> wait_for(Device& device, std::vector<protocol::CardId> all, Waiting waiting) {
    Core& core = device.core();
    const auto told = [&core, &all]() -> Result<bool> {
        for (const protocol::CardId& card : all) {
            TRY(const bool one, is_card_told(core, card));
            if (!one) return false;
        }
        return true;
    };
    const auto waited = co_await device.wait_until(told, waiting.patience, waiting.deadline);
    const bool offline = !waited && (waited.error().code == Code::unreachable_peer ||
                                     waited.error().code == Code::deadline_passed);
    if (offline) {
        co_return fail(Code::unreachable_peer,
                       "kept, and done as soon as the relay can be reached");
    }
    co_return waited;
}

net::Task<void> show_and_wait(Device& device,
                              std::vector<protocol::CardId> all,
                              WithText with_text,
                              Waiting waiting,
                              const EventSink& sink) {
    const auto waited = co_await wait_for(device, all, waiting);
    for (const protocol::CardId& card : all)
        CO_TRY_VOID(show(device.core(), card, with_text, sink));
    co_return waited;
}

net::Task<void> create(Device& device, CreateCard command, Waiting waiting, const EventSink& sink) {
    Core& core = device.core();
    CO_TRY(const auto wish, wish_named(command.id, core.world.random));
    CO_TRY(const auto tier, tier_of(command.tier));
    // The circle's policy may have changed since this device was at the relay.
    CO_TRY_VOID(co_await look_before(device, waiting));
    const CardPlan plan{
        command.label, tier, command.hours, command.budget == 0 ? usual_budget : command.budget};
    if (!command.answered_by.empty()) {
        co_return co_await create_answered(device, std::move(command), plan, wish, waiting, sink);
    }
    CO_TRY(const auto card, cards::create(core, plan, wish));
    co_return co_await show_and_wait(device, {card}, WithText::Yes, waiting, sink);
}

/// Cards that are renewed by one gesture: those that are answered here, and elsewhere.
struct Renewed {
    std::vector<CardFile> here;
    std::vector<AnsweredCard> elsewhere;
    std::size_t left = 0;  // answered here for others, who alone renew them
};

Result<Renewed> renewed_by(Core& core, CardWish wish) {
    Renewed old;
    TRY(old.here, cards::renewed_by(core.database, wish));
    TRY(old.elsewhere, answered::renewed_by(core.database, wish));
    return old;
}

Result<Renewed> only(Core& core, const RenewCards& command) {
    Renewed old;
    TRY(auto elsewhere, answered::meant(core.database, command.card));
    if (elsewhere) {
        old.elsewhere.push_back(*std::move(elsewhere));
        return old;
    }
    TRY(CardFile named, cards::resolve(core.database, command.card));
    TRY(const auto asking, answering::of_card(core.database, named.card));
    if (asking) {
        return fail(Code::unsupported,
                    "you answer this card for another member, who alone renews it; you can close"
                    " it");
    }
    old.here.push_back(std::move(named));
    return old;
}

Result<Renewed> all_but(Core& core, const RenewCards& command) {
    Renewed old;
    TRY(const auto elsewhere, answered::meant(core.database, command.card));
    std::optional<protocol::CardId> kept;
    if (!elsewhere) {
        TRY(const CardFile named, cards::resolve(core.database, command.card));
        kept = named.card;
    }
    TRY(auto every, cards::all(core.database));
    for (CardFile& file : every) {
        if (file.stage == CardStage::Closed || file.card == kept) continue;
        TRY(const auto asking, answering::of_card(core.database, file.card));
        if (asking) {
            ++old.left;
        } else {
            old.here.push_back(std::move(file));
        }
    }
    TRY(auto others, answered::all(core.database));
    for (AnsweredCard& card : others) {
        const bool open = !card.is_over() && card.closing == 0;
        const bool named = elsewhere && elsewhere->asking == card.asking;
        if (open && !named) old.elsewhere.push_back(std::move(card));
    }
    return old;
}

/// The new ones, in the order of the old.
struct Renewal {
    std::vector<protocol::CardId> here;
    std::vector<AskingId> elsewhere;
};

Result<Renewal> renew_all(Core& core, const Renewed& old, CardWish wish) {
    Renewal made;
    TRY(auto transaction, core.database.begin());
    TRY(made.here, cards::renew(core, transaction, old.here, wish));
    for (const AnsweredCard& card : old.elsewhere) {
        TRY(const auto asking, answered::renew(core, transaction, card, wish));
        made.elsewhere.push_back(asking);
    }
    TRY_VOID(std::move(transaction).commit());
    core.changed.notify_all();
    core.work.set();
    return made;
}

net::Task<void> renew(Device& device, RenewCards command, Waiting waiting, const EventSink& sink) {
    Core& core = device.core();
    CO_TRY(const auto wish, wish_named(command.id, core.world.random));
    CO_TRY_VOID(co_await look_before(device, waiting));
    CO_TRY(Renewed old, renewed_by(core, wish));
    if (old.here.empty() && old.elsewhere.empty()) {
        const bool one = command.which == RenewCards::Which::This;
        CO_TRY(old, one ? only(core, command) : all_but(core, command));
    }
    CO_TRY(const Renewal renewal, renew_all(core, old, wish));
    auto made = renewal.here;
    for (const CardFile& file : old.here)
        made.push_back(file.card);
    const auto waited = co_await wait_for(device, made, waiting);
    for (std::size_t at = 0; at < old.here.size(); ++at)
        CO_TRY_VOID(show(core, made[at], WithText::Yes, sink));
    const auto told = co_await tell_answerers(device, renewal.elsewhere, waiting, sink);
    if (old.left != 0) {
        sink(Notice{"what you answer for others (" + std::to_string(old.left) +
                    ") stays as it is: only they renew it"});
    }
    co_return waited ? told : waited;
}

net::Task<void> list(Device& device, Waiting waiting, const EventSink& sink) {
    Core& core = device.core();
    look_at_cards_again(core);
    CO_TRY_VOID(co_await look_before(device, waiting));
    CO_TRY(const auto files, cards::all(core.database));
    for (const CardFile& file : files)
        CO_TRY_VOID(show(core, file.card, WithText::No, sink));
    co_return list_answered(core, sink);
}

net::Task<void> list_requests(Device& device, Waiting waiting, const EventSink& sink) {
    Core& core = device.core();
    CO_TRY_VOID(co_await look_before(device, waiting));
    CO_TRY_VOID(list_askings(core, sink));
    CO_TRY(const auto files, cards::claims(core.database));
    for (const CardFile& file : files) {
        sink(RequestShown{
            file.claim->hex(), "claim", file.plan.label, file.words, 0, file.introduction});
        if (file.frozen != 0) {
            sink(Notice{"the card for " + file.plan.label +
                        " is frozen: a second person has tried it. Confirm only if the one you"
                        " gave it to reads out these words; otherwise renew it"});
        }
    }
    co_return Result<void>();
}

}  // namespace

bool is_of_cards(const Command& command) {
    return std::holds_alternative<CreateCard>(command) ||
           std::holds_alternative<ListCards>(command) ||
           std::holds_alternative<CloseCard>(command) ||
           std::holds_alternative<RenewCards>(command) ||
           std::holds_alternative<ListRequests>(command) ||
           std::holds_alternative<ConfirmRequest>(command) ||
           std::holds_alternative<RefuseRequest>(command);
}

net::Task<void> perform_card_command(Device& device,
                                     Command command,
                                     Waiting waiting,
                                     const EventSink& sink) {
    Core& core = device.core();
    if (auto* wish = std::get_if<CreateCard>(&command)) {
        co_return co_await create(device, std::move(*wish), waiting, sink);
    }
    if (auto* wish = std::get_if<RenewCards>(&command)) {
        co_return co_await renew(device, std::move(*wish), waiting, sink);
    }
    if (const auto* wish = std::get_if<CloseCard>(&command)) {
        CO_TRY(const auto elsewhere, answered::meant(core.database, wish->card));
        if (elsewhere) {
            co_return co_await close_answered(device, elsewhere->asking, waiting, sink);
        }
        CO_TRY(const auto file, cards::resolve(core.database, wish->card));
        CO_TRY_VOID(cards::close(core, file.card));
        co_return co_await show_and_wait(device, {file.card}, WithText::No, waiting, sink);
    }
    if (const auto* wish = std::get_if<ConfirmRequest>(&command)) {
        CO_TRY_VOID(co_await look_before(device, waiting));
        CO_TRY(auto asking, asking_meant(core, wish->request));
        if (asking) {
            co_return co_await answer_asking(
                device, *std::move(asking), Answer::Yes, waiting, sink);
        }
        CO_TRY(const auto file, cards::confirm(core, wish->request));
        co_return co_await show_and_wait(device, {file.card}, WithText::No, waiting, sink);
    }
    if (const auto* wish = std::get_if<RefuseRequest>(&command)) {
        CO_TRY_VOID(co_await look_before(device, waiting));
        CO_TRY(auto asking, asking_meant(core, wish->request));
        if (asking) {
            co_return co_await answer_asking(device, *std::move(asking), Answer::No, waiting, sink);
        }
        CO_TRY(const auto file, cards::refuse(core, wish->request));
        co_return co_await show_and_wait(device, {file.card}, WithText::No, waiting, sink);
    }
    if (std::holds_alternative<ListRequests>(command)) {
        co_return co_await list_requests(device, waiting, sink);
    }
    co_return co_await list(device, waiting, sink);
}

Result<void> tell_of_leaks(Core& core, const EventSink& sink) {
    const WallTime now = core.world.clock.wall();
    const WallTime yesterday = now - std::chrono::hours(24);
    TRY(const auto leaked,
        (core.database.all<protocol::CardId, std::string, std::uint64_t>(
            "SELECT card, label, leaked FROM cards"
            " WHERE leaked > alarmed AND alarmed_at <= ?1 AND stage <> 3",
            yesterday)));
    TRY_VOID(tell_of_answered_leaks(core, sink));
    if (leaked.empty()) return {};
    TRY(auto transaction, core.database.begin());
    for (const auto& [card, label, count] : leaked) {
        TRY_VOID(transaction.run(
            "UPDATE cards SET alarmed = ?2, alarmed_at = ?3 WHERE card = ?1", card, count, now));
    }
    TRY_VOID(std::move(transaction).commit());
    for (const auto& [card, label, count] : leaked) {
        TRY(const auto asking, answering::of_card(core.database, card));
        if (asking) {
            sink(Notice{"the card for " + label + ", which you answer for " +
                        name_of(core, asking->member) + ", was used by someone else"});
            continue;
        }
        sink(Notice{"the card you gave to " + label +
                    " was used by someone else; see: card list, and card renew"});
    }
    return {};
}

}  // namespace cercle::client
