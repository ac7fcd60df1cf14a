// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Proofs: every kind of signature, tag, MAC and token of the house, each with a genuine one and
// with the judge that takes it. A new kind is tried like all others (tampering_test.cpp) once it
// stands here as one more Registration; until it does, its label or its source is found missing.

#include <algorithm>
#include <cstddef>
#include <functional>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace cercle::tampering {

/// Makes other bytes of a genuine proof, or leaves it as it is.
using Change = std::function<Bytes(BytesView)>;

/// Shows a genuine proof, changed, to the judge that the product has for it. Nothing of what the
/// judge takes may outlast the call.
using Present = std::function<Result<void>(const Change&)>;

struct Kind {
    std::string name;
    /// Of docs/spec/labels.md, or the RFC's.
    std::vector<std::string_view> labels;
    /// Sources under src/ in which it is judged.
    std::vector<std::string_view> judged_in;
    /// What the judge says of a proof that has the right length and is not genuine. A refusal for
    /// another reason would show that the proof was never looked at.
    Code refusal;
    std::function<Present()> prepare{};
    /// 1: each bit of it is flipped. More where another kind's are, each, before the same judge.
    std::size_t every = 1;
};

/// In no particular order.
[[nodiscard]] std::vector<Kind>& kinds();

struct Registration {
    explicit Registration(Kind kind) { kinds().push_back(std::move(kind)); }
};

/// One for each row of a table: what is added to the table is tried without a line here.
struct Registrations {
    explicit Registrations(std::vector<Kind> all) {
        std::ranges::move(all, std::back_inserter(kinds()));
    }
};

}  // namespace cercle::tampering
