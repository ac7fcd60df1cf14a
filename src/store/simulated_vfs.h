// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The simulated disk as SQLite sees it: a VFS of its own, known to SQLite as long as it lives.
// Private to this folder.

#include <string>

#include <sqlite3.h>

#include "store/simulated_disk.h"

namespace cercle::store {

struct SimulatedDisk::Vfs {
    explicit Vfs(SimulatedDisk& disk);
    Vfs(const Vfs&) = delete;
    Vfs& operator=(const Vfs&) = delete;
    ~Vfs();

    [[nodiscard]] const std::string& name() const { return name_; }

  private:
    std::string name_;
    sqlite3_vfs table_{};
};

}  // namespace cercle::store
