// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What came of vectors: one Trial an entry, one Report a file. An entry that asks for something
// that is not here is not covered, with the reason, and never counts as passed.

#include <cstddef>
#include <cstdint>
#include <iterator>
#include <map>
#include <optional>
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

    /// The entry is of a cipher suite.
    void of_suite(std::uint64_t suite) { suite_ = suite; }

    [[nodiscard]] const std::string& failure() const { return failure_; }

    [[nodiscard]] const std::string& reason() const { return not_covered_; }

    [[nodiscard]] std::optional<std::uint64_t> suite() const { return suite_; }

  private:
    std::string failure_;
    std::string not_covered_;
    std::optional<std::uint64_t> suite_;
};

/// How many of how many passed.
struct Count {
    std::size_t entries = 0;
    std::size_t passed = 0;

    void take(const Trial& trial) {
        ++entries;
        if (trial.failure().empty() && trial.reason().empty()) ++passed;
    }

    [[nodiscard]] std::string text() const {
        return std::to_string(passed) + " of " + std::to_string(entries);
    }

    friend bool operator==(const Count&, const Count&) = default;
};

/// What came of a file.
struct Report : Count {
    std::map<std::uint64_t, Count> suites;           // where its entries have one
    std::map<std::string, std::size_t> not_covered;  // by reason
    std::vector<std::string> failures;

    /// `name` says which entry it was.
    void take(const Trial& trial, const std::string& name) {
        Count::take(trial);
        if (trial.suite()) suites[*trial.suite()].take(trial);
        if (!trial.failure().empty()) {
            failures.push_back(name + ": " + trial.failure());
        } else if (!trial.reason().empty()) {
            ++not_covered[trial.reason()];
        }
    }

    /// One line: how many of how many, and why not the others; then the same of each suite.
    [[nodiscard]] std::string line() const {
        std::string text = Count::text();
        for (const auto& [reason, count] : not_covered)
            text += "; " + std::to_string(count) + " not covered (" + reason + ")";
        if (!failures.empty()) text += "; " + std::to_string(failures.size()) + " FAILED";
        // Suites that follow each other and had the same luck are told together.
        for (auto first = suites.begin(); first != suites.end();) {
            auto last = first;
            auto next = std::next(first);
            while (next != suites.end() && next->first == last->first + 1 &&
                   next->second == first->second) {
                last = next++;
            }
            const bool alone = first == last;
            text += (alone ? "; suite " : "; suites ") + std::to_string(first->first);
            if (!alone) text += " to " + std::to_string(last->first);
            text += ": " + first->second.text() + (alone ? "" : " each");
            first = next;
        }
        return text;
    }
};

/// What came of a file, and which kind it was of; empty for none that is known.
struct KindReport {
    std::string kind;
    Report report;
};

}  // namespace cercle::vectors
