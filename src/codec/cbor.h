// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// CBOR (RFC 8949), in the strict subset that content of conversations uses: definite lengths,
// shortest forms, map keys in bytewise order and once each, no floats, bounded depth and size.
// Map keys are integers, texts or byte strings. A value is read whole into a tree; what does not
// re-encode to the same bytes is refused.

#include <cstddef>
#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace cercle::codec::cbor {

inline constexpr std::size_t deepest = 12;
inline constexpr std::size_t most_items = 4096;

struct Value;
struct Entry;
using Array = std::vector<Value>;
using Map = std::vector<Entry>;

struct Null {
    friend bool operator==(Null, Null) = default;
};

struct Tagged {
    std::uint64_t tag;
    std::vector<Value> content;  // exactly one

    friend bool operator==(const Tagged& left, const Tagged& right);
};

/// Integers are int64: MIMI content needs no larger ones.
struct Value {
    std::variant<Null, bool, std::int64_t, Bytes, std::string, Array, Map, Tagged> kind;

    friend bool operator==(const Value& left, const Value& right);
};

/// Not a std::pair: that would ask for things of Value before Value is complete.
struct Entry {
    Value key;
    Value value;

    friend bool operator==(const Entry& left, const Entry& right);
};

/// Sorts the keys of maps. Requires what decode() would accept: texts in UTF-8, no key twice, the
/// bounds above; check a text that a person typed before it gets here.
[[nodiscard]] Bytes encode(const Value& value);

/// Errors: malformed, trailing_bytes, not_canonical, too_large, invalid_text, unsupported.
[[nodiscard]] Result<Value> decode(BytesView bytes);

}  // namespace cercle::codec::cbor
