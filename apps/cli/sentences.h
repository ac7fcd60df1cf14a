// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Sentences: what happened in a conversation, said to a person in one line, names made harmless.

#include <string>
#include <string_view>

#include "officer/api.h"

namespace cercle::cli {

/// `self` is the member who reads it.
[[nodiscard]] std::string sentence_of(const client::Membership& membership,
                                      std::string_view self = {});

/// The rule's name stands at its end, for who is asked for help.
[[nodiscard]] std::string sentence_of(const client::Gap& gap);

[[nodiscard]] std::string sentence_of(const client::AlarmShown& alarm);

/// The drawer report, as the officer reads it.
[[nodiscard]] std::string sentence_of(const officer::ReportShown& report);

/// Enough of an id to tell two apart by eye.
[[nodiscard]] std::string brief(const std::string& id);

}  // namespace cercle::cli
