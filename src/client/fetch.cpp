// SPDX-License-Identifier: AGPL-3.0-or-later
#include "client/fetch.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "client/download.h"
#include "client/report.h"
#include "client/shown.h"
#include "client/talk.h"

namespace cercle::client {
namespace {

constexpr Duration pause_between_connections = std::chrono::seconds{1};
/// Each has a connection of its own, and the relay gives a device only so many.
constexpr std::size_t most_at_once = 4;

/// One of the fetches under way, while it lives.
class Turn {
  public:
    explicit Turn(Core& core)
        : core_(core) {
        ++core_.fetches;
    }

    Turn(const Turn&) = delete;
    Turn& operator=(const Turn&) = delete;

    ~Turn() { --core_.fetches; }

  private:
    Core& core_;
};

/// A device by its id, or all of a member's.
Result<std::vector<identity::DeviceId>> authors(Core& core, const std::string& from) {
    if (const auto device = identity::DeviceId::from_hex(from)) {
        TRY(const auto known, core.people.device(*device));
        if (known) return std::vector{*device};
    }
    TRY(const auto member, core.people.resolve(from));
    TRY(const auto devices, core.people.devices_of(member));
    std::vector<identity::DeviceId> ids;
    for (const PersonDevice& one : devices)
        ids.push_back(one.device);
    return ids;
}

/// The messages here that are meant and carry a file.
Result<std::vector<Attachments::Carrier>> carriers(Core& core,
                                                   envelope::MessageId id,
                                                   const Fetch& command) {
    TRY(auto found, core.attachments.carriers(id));
    if (!command.conversation.empty()) {
        const auto log = protocol::LogId::from_hex(command.conversation);
        if (!log) return fail(Code::invalid_argument, "a conversation is named by its id here");
        std::erase_if(found, [&](const auto& one) { return one.log != *log; });
    }
    if (!command.from.empty()) {
        TRY(const auto of, authors(core, command.from));
        std::erase_if(found,
                      [&](const auto& one) { return !std::ranges::contains(of, one.device); });
    }
    return found;
}

/// The file of the message that is meant, looked for at the relay if there is none here.
net::Task<envelope::Attachment> find_file(Device& device,
                                          envelope::MessageId id,
                                          Fetch command,
                                          Waiting waiting) {
    Core& core = device.core();
    CO_TRY(auto found, carriers(core, id, command));
    if (found.empty()) {
        CO_TRY_VOID(co_await look_before(device, waiting));
        CO_TRY(found, carriers(core, id, command));
    }
    if (found.size() > 1) {
        co_return fail(Code::ambiguous,
                       "several messages have that id, and each carries a file; say whose with"
                       " --from, or in which conversation with --in");
    }
    if (found.size() == 1) {
        const auto [log, author] = found.front();
        CO_TRY(auto file, core.attachments.find(log, author, id));
        if (file) co_return *std::move(file);
    }
    CO_TRY(const bool known, core.timeline.knows(id));
    if (known) co_return fail(Code::no_attachment, "that message carries no file");
    co_return fail(Code::unknown, "no message of that id is known here");
}

/// Goes on over lost connections: while something comes, and for as long as the person has said.
net::Task<void> bring_all(Core& core, Download& download, Waiting waiting) {
    const bool patient = waiting.patience == Device::Patience::UntilDeadline;
    const net::Deadline deadline = patient ? waiting.deadline : net::Deadline::never();
    while (true) {
        const std::uint32_t before = download.done();
        const auto brought = co_await download.bring(deadline);
        if (brought || !worth_another_connection(brought.error().code)) co_return brought;
        if (deadline.passed(core.world.clock)) {
            co_return fail(Code::deadline_passed,
                           "there was too little time; the same command goes on from here");
        }
        if (download.done() > before) continue;
        if (!patient) {
            co_return fail(Code::unreachable_peer,
                           "the relay cannot be reached; the same command goes on from here");
        }
        CO_TRY_VOID(co_await core.world.loop.wait_until(
            core.world.loop.in(pause_between_connections).but_at_most(deadline)));
    }
}

}  // namespace

net::Task<void> fetch(Device& device, Fetch command, Waiting waiting, const EventSink& sink) {
    Core& core = device.core();
    if (command.message.empty()) {
        co_return fail(Code::invalid_argument, "a message id is 32 hexadecimal digits");
    }
    CO_TRY(const auto id, message_id(command.message, core.world.random));
    if (core.fetches >= most_at_once) {
        co_return fail(Code::too_many, "four files are being fetched already; try again later");
    }
    const Turn turn(core);
    CO_TRY(const auto file, co_await find_file(device, id, command, waiting));
    Report report(core.world.loop, waiting, sink, id.hex());
    Download download(core,
                      file.copy(),
                      to_text(command.out),
                      [&report](std::uint64_t done, std::uint64_t total) {
                          report.show(FileProgress::Act::Receiving, done, total);
                      });
    CO_TRY_VOID(co_await download.prepare());
    CO_TRY_VOID(co_await bring_all(core, download, waiting));
    CO_TRY_VOID(download.finish());
    sink(Fetched{id.hex(), shown(file)});
    co_return Result<void>();
}

}  // namespace cercle::client
