// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Floors: what nobody can do without who does the same, measured in the same run.

#include <filesystem>

#include "bench/circle/measure.h"

namespace cercle::bench {

/// One connection with the relay's TLS, both ends computing, on the loopback.
[[nodiscard]] Seconds tls_handshake();

/// A frame there and back on an open one.
[[nodiscard]] Seconds tls_round_trip(std::size_t bytes);

/// An append to a file, and fdatasync.
[[nodiscard]] Seconds synced_append(const std::filesystem::path& directory, std::size_t bytes);

struct Rekeying {
    Seconds commit;   // of who takes somebody out: staged and entered
    Seconds process;  // of each of the others: received and entered
};

/// In a group as it stands after everybody was added at once, in the suite of new circles.
[[nodiscard]] Rekeying rekeying(std::size_t members);

}  // namespace cercle::bench
