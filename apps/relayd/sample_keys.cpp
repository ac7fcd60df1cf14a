// SPDX-License-Identifier: AGPL-3.0-or-later
#include "apps/relayd/sample_keys.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

namespace cercle::relayd {
namespace {

/// Fingerprints of the public halves.
constexpr std::array<std::string_view, 10> samples{
    // seeds of one byte: 00, 01, ff; and the bytes from 00 to 1f
    "339e2ff917630507b6a423b5ce084e285d1fa65d93b3e27a6195d3bbebc9ae23",
    "fd110d301d2f077de1414b8f99f441b1403fab207b2052fbd2c065e4ee8e7dc2",
    "8d5eb75dbb64464ac9369d2416a026c99aad4ebf9cdb7c73adda86dd17815b0f",
    "a050837d85070582ccf7394b0988847cc312cb88259b894899f6f239cf1791a5",
    // RFC 8410 section 10.3
    "a1e9156054e04fac899ae9f275132cdc07a5dbc4ea2c2ad3a1ffc6e0d253681f",
    // RFC 8032 section 7.1: tests 1, 2, 3, 1024 and SHA(abc)
    "06e3fd8fda29bb60ab59557de61edb0aecdb231134be30e75b455f8e1b792fa9",
    "deb2ded39dc26fce0e6085b6fc34bf6b5941913bbfe2ea614113cff9e004c170",
    "8d39ba50abe50f77b6bb8ae7b6927aff7ffbeba35ad2837c0e51e82bcbcc60d5",
    "e4f982b51ad0bdd87be820b259fe80337ef636e72b9fa7a8867a6949eb610fd6",
    "e77db4a9572e9f6552c22bc751d5499ad218a73bdf7e15dc6ea0fc69246a44de",
};

}  // namespace

bool is_sample_key(const net::RelayKey& key) {
    const std::string fingerprint = key.hex();
    return std::ranges::contains(samples, std::string_view(fingerprint));
}

}  // namespace cercle::relayd
