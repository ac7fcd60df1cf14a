// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/chat.h"

#include <ctime>
#include <utility>

#include <unistd.h>

#include "apps/cli/chat_screen.h"

namespace cercle::cli {
namespace {

/// As the system's clock on the wall shows it.
chat::Moment local_moment(std::uint64_t milliseconds) {
    const auto seconds = static_cast<std::time_t>(milliseconds / 1000);
    std::tm parts{};
    if (localtime_r(&seconds, &parts) == nullptr) return {};
    return {parts.tm_year + 1900,
            parts.tm_mon + 1,
            parts.tm_mday,
            parts.tm_wday,
            parts.tm_hour,
            parts.tm_min};
}

}  // namespace

client::Outcome chat_in_terminal(const client::Settings& settings) {
    if (isatty(STDIN_FILENO) == 0 || isatty(STDOUT_FILENO) == 0) {
        return {client::Exit::Usage,
                "usage",
                "chat needs a terminal; scripts write with `send` and read with `read --follow`"};
    }
    auto opened = client::Resident::open(settings);
    if (!opened) return opened.error();
    client::Resident& resident = **opened;
    chat::Inbox inbox;
    // What the resident's thread tells is heard on this one.
    chat::Face face(
        [&resident, &inbox](client::Command command, client::EventSink on_event, auto on_done) {
            client::Wish wish;
            wish.command = std::move(command);
            wish.on_event = [&inbox, on_event](const client::Event& event) {
                inbox.post([on_event, event] { on_event(event); });
            };
            wish.on_done = [&inbox, on_done](const client::Outcome& outcome) {
                inbox.post([on_done, outcome] { on_done(outcome); });
            };
            static_cast<void>(resident.submit(std::move(wish)));
        },
        local_moment);
    face.begin();
    chat::show(face, inbox);
    bool kept = false;
    face.leave([&kept] { kept = true; });
    while (!kept)
        inbox.wait_and_make_calls();
    resident.stop();
    return face.ended().value_or(client::Outcome{});
}

}  // namespace cercle::cli
