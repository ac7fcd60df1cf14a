// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The officer's commands about sections: who is in which, and who sees whom.

#include <map>

#include "client/sight.h"
#include "officer/owner.h"

namespace cercle::officer {

using client::Device;
using client::Waiting;

namespace {

/// Done here; the circle hears of it as soon as the relay is reached.
net::Task<void> tell(Device& own, Waiting waiting) {
    const auto told = co_await own.settle(waiting.patience, waiting.deadline);
    if (told || told.error().code == Code::closing) co_return told;
    co_return fail(Code::unreachable_peer,
                   "kept, and told to everybody as soon as the relay can be reached");
}

}  // namespace

net::Task<void> OfficerOwner::set_sections(SetSections command,
                                           Waiting waiting,
                                           const EventSink& sink) {
    CO_TRY(Office * opened, office_at_work());
    CO_TRY(Device * own, device());
    client::Core& core = own->core();
    CO_TRY(const auto member, core.people.resolve(command.member));
    CO_TRY(const auto person, core.people.find(member));
    if (!person) co_return fail(Code::unknown, "nobody in the circle is called that");
    identity::Sections sections = person->sections;
    for (const std::string& one : command.remove) {
        if (sections.erase(one) == 0) {
            co_return fail(Code::unknown, "he is not in that section; see: officer members");
        }
    }
    sections.insert(command.add.begin(), command.add.end());
    CO_TRY_VOID(opened->put_in(member, sections));
    CO_TRY(const auto changed, core.people.find(member));
    CO_TRY_VOID(show_member(*changed, sink));
    co_return co_await tell(*own, waiting);
}

net::Task<void> OfficerOwner::set_sight(SetSight command, Waiting waiting, const EventSink& sink) {
    CO_TRY(Office * opened, office_at_work());
    CO_TRY(Device * own, device());
    const auto sight = identity::sight_of(std::move(command.one), std::move(command.other));
    CO_TRY_VOID(opened->rule(sight, command.act == SetSight::Act::Make ? Rule::Holds : Rule::Ends));
    CO_TRY_VOID(list_sections(sink));
    co_return co_await tell(*own, waiting);
}

Result<void> OfficerOwner::list_sections(const EventSink& sink) {
    TRY(Office * opened, office());
    static_cast<void>(opened);
    TRY(Device * own, device());
    client::Core& core = own->core();
    TRY(const auto people, core.people.all());
    std::map<std::string, std::uint32_t> counts;
    for (const client::Person& person : people) {
        for (const std::string& section : person.sections)
            ++counts[section];
        if (person.sections.empty()) ++counts[""];
    }
    for (const auto& [name, members] : counts)
        sink(SectionShown{name, members});
    TRY(const auto sights, client::sight::all(core.database));
    for (const identity::Sight& sight : sights)
        sink(SightShown{sight.one, sight.other});
    return {};
}

}  // namespace cercle::officer
