// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// Seeds: what fuzzing begins with: real objects of every format, made by the code that makes them
// in earnest. corpus_test.cpp holds the files in corpus/ to them, and writes them anew.

#include <string>
#include <utility>
#include <vector>

#include "base/bytes.h"
#include "codec/tls.h"
#include "envelope/attachment.h"
#include "protocol/frames.h"

namespace cercle::fuzz {

struct Seed {
    std::string target;
    std::string name;
    Bytes bytes;
};

using Seeds = std::vector<Seed>;

/// A target's input that begins with a byte that says which decoder it is for.
template <class Value>
[[nodiscard]] Bytes numbered(std::uint8_t number, const Value& value) {
    Bytes bytes{number};
    if constexpr (std::is_convertible_v<const Value&, BytesView>) {
        append(bytes, value);
    } else {
        append(bytes, codec::encode(value));
    }
    return bytes;
}

/// One of each.
[[nodiscard]] std::vector<std::pair<std::string, protocol::RequestBody>> sample_requests();
[[nodiscard]] protocol::Bundle sample_bundle();
/// Entries of one log have different ids.
[[nodiscard]] protocol::EntryId entry_id(std::uint8_t filling);
[[nodiscard]] envelope::Attachment sample_attachment();

void add_frames(Seeds& seeds);
void add_identity(Seeds& seeds);
void add_envelope(Seeds& seeds);
void add_client(Seeds& seeds);
void add_mls(Seeds& seeds);
void add_mls_joining(Seeds& seeds);
void add_relay(Seeds& seeds);
void add_device(Seeds& seeds);

}  // namespace cercle::fuzz
