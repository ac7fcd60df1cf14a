// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/answering_commands.h"

#include <utility>

#include "client/resets.h"
#include "client/shown.h"
#include "client/talk.h"

namespace cercle::client {
namespace {

using IsTold = Result<bool> (*)(Core&, const AskingId&);

/// A word on its way: its conversation, and whether the relay has it.
struct Word {
    AskingId asking;
    protocol::LogId log;
};

/// The relay has all of it; otherwise it is kept, and that is said.
net::Task<void> wait_for_words(Device& device,
                               std::vector<Word> words,
                               IsTold is_told,
                               Waiting waiting) {
    Core& core = device.core();
    const auto told = [&device, &core, &words, is_told]() -> Result<bool> {
        for (const Word& word : words) {
            TRY(const bool one, is_told(core, word.asking));
            if (one) continue;
            if (const Error* stalled = device.courier().stalled(word.log)) {
                return std::unexpected(*stalled);
            }
            TRY(const bool reset, resets::holds(core, word.log));
            if (!reset) return false;
            return fail(Code::held,
                        "that member has another device or another name, for which the officer"
                        " alone vouches; ask him, then accept him, see: requests");
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

void show(Core& core, const AnsweredCard& card, const EventSink& sink) {
    CardShown shown{card.card ? card.card->hex() : card.asking.hex(),
                    card.plan.label,
                    std::string(tier_text(card.plan.tier)),
                    std::string(answered::state_text(card)),
                    card.leaked};
    // Before that the relay does not know it yet, and who opens it would read that it is spent.
    const bool there = card.standing >= Standing::Open && card.standing < Standing::Bound;
    if (there && card.closing == 0) shown.text = card.code;
    shown.answered_by = name_of(core, card.member);
    sink(shown);
}

Result<void> show(Core& core, const AskingId& asking, const EventSink& sink) {
    TRY(const auto card, answered::find(core.database, asking));
    if (card) show(core, *card, sink);
    return {};
}

/// Agreed, and not among this device's cards yet.
void show_agreed(Core& core, const Asking& asking, const EventSink& sink) {
    CardShown shown{asking.card ? asking.card->hex() : asking.asking.hex(),
                    asking.plan.label,
                    std::string(tier_text(asking.plan.tier)),
                    "asked"};
    shown.answers_for = name_of(core, asking.member);
    sink(shown);
}

}  // namespace

net::Task<void> tell_answerers(Device& device,
                               std::vector<AskingId> askings,
                               Waiting waiting,
                               const EventSink& sink) {
    Core& core = device.core();
    std::vector<Word> words;
    for (const AskingId& asking : askings) {
        CO_TRY(const auto card, answered::find(core.database, asking));
        if (card) words.push_back({asking, card->log});
    }
    const auto waited =
        co_await wait_for_words(device, std::move(words), answered::is_told, waiting);
    for (const AskingId& asking : askings)
        CO_TRY_VOID(show(core, asking, sink));
    co_return waited;
}

net::Task<void> create_answered(Device& device,
                                CreateCard command,
                                CardPlan plan,
                                CardWish wish,
                                Waiting waiting,
                                const EventSink& sink) {
    Core& core = device.core();
    CO_TRY(const auto member, core.people.resolve(command.answered_by));
    CO_TRY(const auto asking, answered::ask(core, plan, member, wish));
    co_return co_await tell_answerers(device, {asking}, waiting, sink);
}

net::Task<void> close_answered(Device& device,
                               AskingId asking,
                               Waiting waiting,
                               const EventSink& sink) {
    CO_TRY_VOID(answered::close(device.core(), asking));
    co_return co_await tell_answerers(device, {asking}, waiting, sink);
}

Result<std::optional<Asking>> asking_meant(Core& core, const std::string& request) {
    const auto id = AskingId::from_hex(request);
    if (!id) return std::optional<Asking>();
    return answering::find(core.database, *id);
}

net::Task<void> answer_asking(
    Device& device, Asking asking, Answer answer, Waiting waiting, const EventSink& sink) {
    Core& core = device.core();
    // What has become a card is closed, not refused; before, one may think better of it.
    const bool is_card = asking.stage == AnsweringStage::Answered;
    if (asking.stage == AnsweringStage::Over || (answer == Answer::No && is_card)) {
        co_return fail(Code::unknown, "no such request waits; see: requests, and card list");
    }
    if (answer == Answer::Yes) {
        CO_TRY_VOID(answering::confirm(core, asking));
    } else {
        CO_TRY_VOID(answering::refuse(core, asking));
    }
    std::vector<Word> words{{asking.asking, asking.log}};
    const auto waited =
        co_await wait_for_words(device, std::move(words), answering::is_told, waiting);
    CO_TRY(const auto now, answering::find(core.database, asking.asking));
    if (now && now->stage == AnsweringStage::Agreed) show_agreed(core, *now, sink);
    co_return waited;
}

Result<void> list_answered(Core& core, const EventSink& sink) {
    TRY(const auto cards, answered::all(core.database));
    for (const AnsweredCard& card : cards)
        show(core, card, sink);
    TRY(const auto agreed, answering::agreed(core.database));
    for (const Asking& asking : agreed)
        show_agreed(core, asking, sink);
    return {};
}

Result<void> list_askings(Core& core, const EventSink& sink) {
    TRY(const auto waiting, answering::waiting(core.database));
    for (const Asking& asking : waiting) {
        sink(RequestShown{asking.asking.hex(),
                          "answering",
                          name_of(core, asking.member),
                          {},
                          0,
                          asking.plan.label});
    }
    return {};
}

Result<void> tell_of_answered_leaks(Core& core, const EventSink& sink) {
    TRY(const auto leaked, answered::take_leaks(core));
    for (const AnsweredCard& card : leaked) {
        sink(Notice{"the card you gave to " + card.plan.label + ", which " +
                    name_of(core, card.member) +
                    " answers, was used by someone else; see: card list, and card renew"});
    }
    return {};
}

Result<void> check_answered_here(Core& core, const std::string& of) {
    TRY(const auto card, answered::meant(core.database, of));
    if (!card) return {};
    return fail(Code::answered_elsewhere,
                "another member answers this card, and writes and reads by it; see: card list");
}

}  // namespace cercle::client
