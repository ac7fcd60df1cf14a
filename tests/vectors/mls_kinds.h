// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// The kinds of test vectors of the MLS working group, each recognised by the names in its
// entries, and how an entry of each is tried against src/mls. Used by the tests of mls and by
// the program mls_vectors.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include <nlohmann/json.hpp>

namespace cercle::vectors {

using Json = nlohmann::json;

/// One entry on trial. Remembers the first thing that was not as it should be.
class Trial {
  public:
    /// Is `holds`; where it is not, `what` is remembered.
    bool expect(bool holds, std::string_view what) {
        if (!holds && failure_.empty()) failure_ = what;
        return holds;
    }

    [[nodiscard]] const std::string& failure() const { return failure_; }

  private:
    std::string failure_;
};

/// What came of a file.
struct Report {
    std::string kind;
    std::size_t entries = 0;
    std::size_t passed = 0;
    std::map<std::string, std::size_t> skipped;  // by reason
    std::vector<std::string> failures;

    /// One line: how many of how many, and why not the others.
    [[nodiscard]] std::string line() const;
};

/// Tries every entry. A file of no known kind has an empty `kind`.
[[nodiscard]] Report try_all(const Json& file);

}  // namespace cercle::vectors
