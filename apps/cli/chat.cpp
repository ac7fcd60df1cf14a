// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/cli/chat.h"

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <ctime>
#include <utility>
#include <vector>

#include <unistd.h>

#include "apps/cli/chat_screen.h"
#include "apps/cli/print.h"

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

chat::Desk desk_here() {
    std::error_code failed;
    chat::Desk desk;
    desk.here = std::filesystem::current_path(failed);
    if (const char* home = std::getenv("HOME")) desk.home = home;
    desk.is_directory = [](const std::filesystem::path& path) {
        std::error_code ignored;
        return std::filesystem::is_directory(path, ignored);
    };
    return desk;
}

/// So long at most one waits for the screen to be gone.
constexpr std::chrono::seconds last_moment{3};

/// The events of one command.
std::vector<client::Event> heard_of(client::Resident& resident,
                                    chat::Inbox& inbox,
                                    client::Command command,
                                    std::chrono::seconds patience) {
    std::vector<client::Event> events;
    bool done = false;
    client::Wish wish{std::move(command), {}, {}, patience};
    wish.on_event = [&](const client::Event& event) {
        inbox.post([&events, event] { events.push_back(event); });
    };
    wish.on_done = [&](const client::Outcome& /*outcome*/) { inbox.post([&] { done = true; }); };
    if (!resident.submit(std::move(wish))) return {};
    while (!done)
        inbox.wait_and_make_calls();
    return events;
}

/// What was written last may just be leaving: it gets a moment for that, and of what stays a
/// person should know.
void see_off(client::Resident& resident, chat::Inbox& inbox, const chat::Face& face) {
    if (!face.has_unsent()) return;
    if (face.is_online()) heard_of(resident, inbox, client::Sync{}, last_moment);
    const auto left = heard_of(resident, inbox, client::ListOutbox{}, {});
    const auto waiting = std::ranges::count_if(left, [](const client::Event& event) {
        const auto* sent = std::get_if<client::Sent>(&event);
        return sent != nullptr && sent->state == "queued";
    });
    if (waiting == 0) return;
    const std::string what =
        waiting == 1 ? "1 message is" : std::to_string(waiting) + " messages are";
    print_text(client::Event(
        client::Notice{what + " not sent yet; that is done as soon as cercle runs here again"}));
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
            if (std::holds_alternative<client::Fetch>(command)) wish.patience.reset();
            wish.command = std::move(command);
            wish.on_event = [&inbox, on_event](const client::Event& event) {
                inbox.post([on_event, event] { on_event(event); });
            };
            wish.on_done = [&inbox, on_done](const client::Outcome& outcome) {
                inbox.post([on_done, outcome] { on_done(outcome); });
            };
            static_cast<void>(resident.submit(std::move(wish)));
        },
        local_moment,
        desk_here());
    face.begin();
    chat::show(face, inbox);
    bool kept = false;
    face.leave([&kept] { kept = true; });
    while (!kept)
        inbox.wait_and_make_calls();
    see_off(resident, inbox, face);
    resident.stop();
    return face.ended().value_or(client::Outcome{});
}

}  // namespace cercle::cli
