// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Report: how far a file has come, for the person who waits; and how long that person waits, which
// is longer the more happens.

#include "client/owner.h"

namespace cercle::client {

class Report {
  public:
    Report(const net::Loop& loop, Waiting waiting, EventSink sink, std::string message = {})
        : loop_(loop),
          waiting_(waiting),
          sink_(std::move(sink)) {
        last_.message = std::move(message);
    }

    /// Tells of each percent once.
    void show(FileProgress::Act act, std::uint64_t done, std::uint64_t total);

    /// What was asked for in so many seconds ends then; else it is put off whenever something
    /// happens.
    [[nodiscard]] net::Deadline deadline() const { return waiting_.deadline; }

  private:
    const net::Loop& loop_;
    Waiting waiting_;
    EventSink sink_;
    FileProgress last_;
};

}  // namespace cercle::client
