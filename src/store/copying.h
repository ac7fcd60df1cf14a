// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Copying: a database becomes a second file, piece by piece, and is read and written in between.
//
// It goes through the one connection that the original has, so that the rule of database.h holds:
// what that connection writes meanwhile is written into the copy, too (SQLite's backup interface
// promises that of writes by its own connection), and the copy is the original of the moment in
// which the last piece was done. A copy that was not finished is no database, and goes away.

#include <cstdint>
#include <filesystem>
#include <memory>

#include "base/result.h"
#include "store/database.h"

namespace cercle::store {

class Copying {
  public:
    /// Into a file (mode 0600) that is not there yet. The original outlives the copying. Databases
    /// without a key only. Errors: already_exists, permissions, disk_full, disk_fault.
    [[nodiscard]] static Result<Copying> begin(Database& original,
                                               const std::filesystem::path& target);

    Copying(Copying&&) noexcept;
    Copying& operator=(Copying&&) noexcept;
    /// Removes what is not finished.
    ~Copying();

    enum class Progress : std::uint8_t { More, Finished };

    /// The next pages, at most so many. Not inside a transaction of the original. Once it is
    /// finished, the copy is on disk. Errors: disk_full, disk_fault.
    [[nodiscard]] Result<Progress> next(std::uint32_t pages);

  private:
    struct State;

    explicit Copying(std::unique_ptr<State> state);

    std::unique_ptr<State> state_;
};

}  // namespace cercle::store
