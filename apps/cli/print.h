// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Print: events and outcomes, for people or for scripts.
//
// With --json standard output carries one object a line (7-contract) and prose goes to standard
// error; without it people read standard output, and standard error holds what went wrong.

#include "apps/cli/arguments.h"

namespace cercle::cli {

void print_json(const client::Event& event);
void print_json(const officer::Event& event);
void print_text(const client::Event& event);
void print_text(const officer::Event& event);

/// What print_text() writes to standard output, a terminal of so many columns, or none.
[[nodiscard]] std::string text_of(const client::Event& event, std::optional<int> columns);

/// How it ended, if there is anything to say about that.
void print_outcome(Format format, const client::Outcome& outcome);

/// RFC 3339, UTC.
[[nodiscard]] std::string time_text(std::uint64_t milliseconds);

}  // namespace cercle::cli
