// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What came of vectors: one Trial an entry, one Report a file. An entry that asks for something
// that is not here is not covered, with the reason, and never counts as passed.

#include <cstddef>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace cercle::vectors {

/// One entry on trial. Remembers the first thing that was not as it should be.
class Trial {
  public:
    /// Is `holds`; where it is not, `what` is remembered.
    bool expect(bool holds, std::string_view what) {
        if (!holds && failure_.empty()) failure_ = what;
        return holds;
    }

    /// Some of the entry is beyond what is here. What was expected of the rest still counts.
    void not_covered(std::string_view reason) { not_covered_ = reason; }

    [[nodiscard]] const std::string& failure() const { return failure_; }

    [[nodiscard]] const std::string& reason() const { return not_covered_; }

  private:
    std::string failure_;
    std::string not_covered_;
};

/// What came of a file.
struct Report {
    std::size_t entries = 0;
    std::size_t passed = 0;
    std::map<std::string, std::size_t> not_covered;  // by reason
    std::vector<std::string> failures;

    /// `name` says which entry it was.
    void take(const Trial& trial, const std::string& name) {
        ++entries;
        if (!trial.failure().empty()) {
            failures.push_back(name + ": " + trial.failure());
        } else if (!trial.reason().empty()) {
            ++not_covered[trial.reason()];
        } else {
            ++passed;
        }
    }

    /// One line: how many of how many, and why not the others.
    [[nodiscard]] std::string line() const {
        std::string text = std::to_string(passed) + " of " + std::to_string(entries);
        for (const auto& [reason, count] : not_covered)
            text += "; " + std::to_string(count) + " not covered (" + reason + ")";
        if (!failures.empty()) text += "; " + std::to_string(failures.size()) + " FAILED";
        return text;
    }
};

}  // namespace cercle::vectors
