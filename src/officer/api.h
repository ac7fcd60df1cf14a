// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The face of the officer's machine: commands down, events up, as in client/api.h, whose
// Settings, Outcome and Exit it shares. An officer's home is a member's home with the circle's
// authority in it, so the member's commands work on it, too: while `Serve` owns the home, they are
// passed on to it.

#include "client/api.h"

namespace cercle::officer {

// ---- commands ---------------------------------------------------------------------------

/// Founds a circle on a relay that has none. The same again resumes what was interrupted.
struct Found {
    std::string name;
    std::string relay;      // HOST:PORT
    std::string relay_key;  // 64 hex digits

    auto fields(this auto& self) { return std::tie(self.name, self.relay, self.relay_key); }
};

/// Answers those who join, until it is stopped.
struct Serve {
    std::uint8_t reserved = 0;

    auto fields(this auto& self) { return std::tie(self.reserved); }
};

enum class Attendance : std::uint8_t { Attended = 0, Unattended = 1 };

struct Invite {
    std::string name;
    std::string role;
    std::uint32_t expires_seconds = 24 * 60 * 60;
    /// Unattended: a second code is needed, to be sent by another way.
    Attendance attendance = Attendance::Attended;

    auto fields(this auto& self) {
        return std::tie(self.name, self.role, self.expires_seconds, self.attendance);
    }
};

struct ListMembers {
    std::uint8_t reserved = 0;

    auto fields(this auto& self) { return std::tie(self.reserved); }
};

/// The officer says that the relay's new key is the relay's: he has compared it with what the
/// relay's operator reads to him.
struct ConfirmRelay {
    std::string key;  // 64 hex digits, as cercle-relay prints it

    auto fields(this auto& self) { return std::tie(self.key); }
};

using Command = std::variant<Found, Serve, Invite, ListMembers, ConfirmRelay>;

// ---- events -----------------------------------------------------------------------------

struct Founded {
    client::Joined circle;

    auto fields(this auto& self) { return std::tie(self.circle); }
};

struct Serving {
    std::string circle;

    auto fields(this auto& self) { return std::tie(self.circle); }
};

struct Invited {
    std::string invitation;  // names it in later commands
    std::string text;        // what the newcomer needs
    std::uint64_t expires = 0;
    std::optional<std::string> code;

    auto fields(this auto& self) {
        return std::tie(self.invitation, self.text, self.expires, self.code);
    }
};

struct MemberShown {
    client::Contact contact;
    std::vector<client::DeviceShown> devices;

    auto fields(this auto& self) { return std::tie(self.contact, self.devices); }
};

using Event = std::variant<Founded, Serving, Invited, MemberShown, client::Notice>;
using EventSink = std::function<void(const Event&)>;

/// As client::perform.
[[nodiscard]] client::Outcome perform(const client::Settings& settings,
                                      const Command& command,
                                      const EventSink& sink);

}  // namespace cercle::officer
