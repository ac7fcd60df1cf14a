// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The script of device_fuzz.cpp: lines of a byte that says what it is, and its text, opaque<V>.

#include <cstdint>
#include <tuple>

#include "protocol/bundle.h"

namespace cercle::fuzz {

enum class Line : std::uint8_t {
    Frame,       // the relay's next answer, as it is
    Answer,      // the body of the next answer
    News,        // a frame beside the next answer
    GroupEntry,  // an entry of the group's log, in its place
    InboxEntry,  // of the inbox
    StrayEntry,  // of the group's log, wherever it says
    Genuine,     // the next entry that really came: byte 0 says to which log
    Text,        // Written, by Alice
    Commit,      // Committed, by Alice
    Letter,      // a WelcomeLetter by Alice, in the inbox
};

/// What Alice puts into a message.
struct Written {
    std::uint8_t filed_as = 0;         // 0: as what it is
    std::uint64_t epochs_further = 0;  // 0: in its own epoch
    Bytes seen;
    Bytes content;

    auto fields(this auto& self) {
        return std::tie(self.filed_as, self.epochs_further, self.seen, self.content);
    }
};

/// What of a bundle stays as it stands in the script; the rest is made right.
enum Kept : std::uint8_t { Names = 1, CommitBytes = 2, Verifier = 4, Readers = 8 };

struct Committed {
    std::uint8_t kept = 0;
    protocol::Bundle bundle{};

    auto fields(this auto& self) { return std::tie(self.kept, self.bundle); }
};

}  // namespace cercle::fuzz
