// SPDX-License-Identifier: AGPL-3.0-or-later
//
// Checkpoints and proofs as a relay may send them. The first byte says what comes: 0, a checkpoint;
// 1, a proof that a leaf is in a tree; 2, that a tree goes on from another. A proof that holds,
// holds for nothing else: with another hash in it, it is refused.
#include "merkle/checkpoint.h"
#include "merkle/proof.h"
#include "tests/fuzz/round_trip.h"

namespace {

using namespace cercle;
using fuzz::must_hold;

struct Claim {
    std::uint64_t first = 0;
    std::uint64_t second = 0;
    merkle::Hash one;
    merkle::Hash other;
    std::vector<merkle::Hash> path;

    auto fields(this auto& self) {
        return std::tie(self.first, self.second, self.one, self.other, self.path);
    }
};

bool holds(std::uint8_t what, const Claim& claim) {
    if (what == 1) {
        return merkle::check_inclusion(
                   claim.one, {claim.first}, {{claim.second}, claim.other}, claim.path)
            .has_value();
    }
    return merkle::check_consistency(
               {{claim.first}, claim.one}, {{claim.second}, claim.other}, claim.path)
        .has_value();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const BytesView bytes = BytesView(data, size).subspan(1);
    if (data[0] == 0) {
        fuzz::round_trip<merkle::Checkpoint>(bytes);
        return 0;
    }
    const auto claim = codec::decode<Claim>(bytes);
    if (!claim || !holds(data[0], *claim)) return 0;
    for (std::size_t at = 0; at < claim->path.size(); ++at) {
        Claim other = *claim;
        other.path[at].bytes[0] ^= 1;
        must_hold(!holds(data[0], other));
    }
    return 0;
}
