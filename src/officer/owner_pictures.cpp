// SPDX-License-Identifier: AGPL-3.0-or-later
//
// The officer's command about members' pictures.

#include "client/pictures.h"
#include "officer/owner.h"

namespace cercle::officer {

using client::Device;
using client::Waiting;

net::Task<void> OfficerOwner::set_picture(SetPicture command,
                                          Waiting waiting,
                                          const EventSink& sink) {
    CO_TRY(Office * opened, office());
    CO_TRY(Device * own, device());
    client::Core& core = own->core();
    CO_TRY(const auto member, core.people.resolve(command.member));
    std::optional<Bytes> picture;
    if (!command.file.empty()) {
        CO_TRY(picture, client::pictures::read_file(to_text(command.file)));
    }
    CO_TRY_VOID(opened->portray(member, picture));
    CO_TRY(const auto changed, core.people.find(member));
    CO_TRY_VOID(show_member(*changed, sink));
    const auto told = co_await own->settle(waiting.patience, waiting.deadline);
    if (told || told.error().code == Code::closing) co_return told;
    co_return fail(Code::unreachable_peer,
                   "kept, and told to everybody as soon as the relay can be reached");
}

}  // namespace cercle::officer
