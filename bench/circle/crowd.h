// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Crowd: members' devices that are online all the while, many in one process: the production client
// on the real network and disk, as `cercle` runs it, but for its process and for the cost of the
// passphrase. Locked memory, of which a process has 4 MiB, bounds how many.

#include <filesystem>
#include <string>
#include <vector>

#include "bench/relay/peers.h"

namespace cercle::bench {

/// A process of this program that is a crowd. One wish after the other; meanwhile its devices do
/// what devices do.
class Crowd {
  public:
    explicit Crowd(const std::filesystem::path& directory);

    /// Begins; `said` is what the crowd understands (crowd.cpp).
    void wish(const std::vector<std::string>& words);
    /// Waits for the end of what was begun. Ends the program if it did not go well.
    void expect(std::string_view what);

    [[nodiscard]] const Process& process() const { return process_; }

  private:
    Process process_;
};

/// This program as a crowd, until its standard input ends.
int be_a_crowd(const std::filesystem::path& directory);

}  // namespace cercle::bench
