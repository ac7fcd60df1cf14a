// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Errands with files: what a command of this process needs so that another owner of the home can do
// it, or do it once more.

#include "base/random.h"
#include "client/api.h"

namespace cercle::client {

/// Paths become absolute, since the owner may stand elsewhere; and a file that is sent gets its
/// message's id here, so that doing it once more sends it once.
[[nodiscard]] Command ready(const Command& command, Random& random);

/// Whether it may be done anew by another owner of the home, however far it has come.
[[nodiscard]] bool may_be_repeated(const Command& command);

/// What a person who has interrupted it should know, given the events so far.
class Interruption {
  public:
    void see(const Event& event);
    [[nodiscard]] const char* sentence() const;

  private:
    std::optional<FileProgress::Act> act_;
    bool taken_in_ = false;
};

}  // namespace cercle::client
