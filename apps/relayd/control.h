// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Control: how a second command speaks to the relay that serves, through the socket `control` in
// the data directory, mode 0600, same user on both ends. The serving process alone reads its store
// (one connection, ever), so what others want of it, they ask it for.
//
//     asked        answered with an object, and its "exit" says how the command ends
//     status       what it holds
//     copy         a copy of the store lies beside it, until the asker hangs up
//     reload       key and certificate are read anew
//     rotate-key   the relay has another key

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include <nlohmann/json.hpp>

#include "apps/relayd/outcome.h"
#include "base/diary.h"
#include "net/channel.h"
#include "net/loop.h"
#include "net/task_group.h"
#include "relay/server.h"

namespace cercle::relayd {

using Object = nlohmann::ordered_json;

/// Changes the key, or reads it anew, and says which it is now.
using Renewal = std::function<Result<net::RelayKey>()>;

struct Renewals {
    Renewal reload;
    Renewal rotate;
};

class Control {
  public:
    /// All references outlive it. `reserve`: bytes that have to stay free beside a copy.
    Control(net::Loop& loop,
            Diary& diary,
            relay::Server& server,
            std::filesystem::path data,
            std::uint64_t reserve,
            Renewals renewals);

    /// Errors: as listen_local.
    Result<void> open();

    /// Answers until cancelled, everybody beside everybody.
    [[nodiscard]] net::Task<void> run();

    /// To be awaited before it is destroyed.
    [[nodiscard]] net::Task<void> close();

  private:
    [[nodiscard]] net::Task<void> attend(std::unique_ptr<net::Channel> channel);
    [[nodiscard]] net::Task<Object> answer(std::string_view word);
    [[nodiscard]] net::Task<Object> status();
    [[nodiscard]] net::Task<Object> copy();

    net::Loop& loop_;
    relay::Server& server_;
    std::filesystem::path data_;
    std::uint64_t reserve_;
    Renewals renewals_;
    std::unique_ptr<net::Listener> listener_;
    net::TaskGroup attending_;
};

/// What was answered, and the line to the relay that has answered.
struct Answered {
    Object object;
    std::unique_ptr<net::Channel> channel;
};

/// Asks the relay that serves from `data`. Errors: unreachable_peer when none does; malformed, when
/// it speaks another version's language.
[[nodiscard]] Result<Answered> ask_serving(net::Loop& loop,
                                           const std::filesystem::path& data,
                                           std::string_view word);

/// Says what was refused, if something was, and how the command ends.
[[nodiscard]] Exit exit_of(const Object& answer, std::string_view what_for);

/// The names of what lies in the data directory for a while.
inline constexpr std::string_view control_name = "control";
inline constexpr std::string_view copy_name = "snapshot.db";

/// Errors: disk_full, if a copy of the store would leave less than `reserve` bytes free.
Result<void> check_room_for_copy(const std::filesystem::path& data, std::uint64_t reserve);

}  // namespace cercle::relayd
