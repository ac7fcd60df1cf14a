// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// What the circle's authority signs has two signatures. Each is a proof by itself, tried while the
// other one is genuine.

#include <utility>

#include "identity/root_signature.h"
#include "tests/tampering/proof.h"

namespace cercle::tampering {

using ChangeOne = std::function<identity::RootSignature(const identity::RootSignature&)>;
using PresentSigned = std::function<Result<void>(const ChangeOne&)>;

/// Which bits of the second signature are tried, of which there are 26,472.
enum class Bits : std::uint8_t { All = 1, Some = 61 };

/// `kind` without its `prepare`. All words are judged by one line, so that of most of them some
/// bits are enough.
inline std::vector<Kind> of_both_keys(Kind kind,
                                      const std::function<PresentSigned()>& prepare,
                                      Bits bits = Bits::Some) {
    Kind second = kind;
    second.name += ", by the second key";
    second.labels.emplace_back("Cercle 1 co-signature");
    second.every = std::to_underlying(bits);
    kind.prepare = [prepare]() -> Present {
        return [present = prepare()](const Change& change) {
            return present([&change](const identity::RootSignature& genuine) {
                return identity::RootSignature{change(genuine.ed25519), genuine.ml_dsa};
            });
        };
    };
    second.prepare = [prepare]() -> Present {
        return [present = prepare()](const Change& change) {
            return present([&change](const identity::RootSignature& genuine) {
                return identity::RootSignature{genuine.ed25519, change(genuine.ml_dsa)};
            });
        };
    };
    return {std::move(kind), std::move(second)};
}

}  // namespace cercle::tampering
