// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/quiet_commands.h"

#include "client/cards.h"
#include "client/quiet.h"
#include "client/shown.h"

namespace cercle::client {
namespace {

/// A member by name or id, or whoever a card was given to, by its label or id.
Result<identity::MemberId> who_is(Core& core, const std::string& who) {
    const auto member = core.people.resolve(who);
    if (member || member.error().code != Code::unknown) return member;
    TRY(const auto card, cards::meant(core.database, who));
    if (!card) return member;
    return holder_of(card->card);
}

Result<void> show(Core& core, const EventSink& sink) {
    TRY(const auto rules, quiet::rules(core.database));
    QuietShown shown{rules.hours, {}};
    for (const identity::MemberId who : rules.through)
        shown.through.push_back({who.hex(), name_of(core, who)});
    sink(std::move(shown));
    return {};
}

}  // namespace

Result<void> keep_quiet(Core& core, const KeepQuiet& command, const EventSink& sink) {
    std::vector<identity::MemberId> through;
    std::vector<identity::MemberId> held_back;
    for (const std::string& who : command.through)
        TRY_VOID(who_is(core, who).transform([&](auto id) { through.push_back(id); }));
    for (const std::string& who : command.held_back)
        TRY_VOID(who_is(core, who).transform([&](auto id) { held_back.push_back(id); }));
    TRY(auto transaction, core.database.begin());
    if (command.hours) TRY_VOID(quiet::keep_hours(transaction, *command.hours));
    for (const identity::MemberId who : through)
        TRY_VOID(quiet::let_through(transaction, who));
    for (const identity::MemberId who : held_back)
        TRY_VOID(quiet::hold_back(transaction, who));
    TRY_VOID(std::move(transaction).commit());
    return show(core, sink);
}

}  // namespace cercle::client
