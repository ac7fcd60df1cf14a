// SPDX-License-Identifier: AGPL-3.0-or-later
#pragma once

// A struct with every kind of field that codec/tls.h lists, for its test and its fuzzer.

#include "codec/tls.h"

namespace cercle::codec::everything {

enum class Colour : std::uint8_t { Red = 1, Blue = 2 };

struct Small {
    std::uint8_t one = 0;
    std::uint32_t four = 0;

    friend bool operator==(const Small&, const Small&) = default;

    auto fields(this auto& self) { return std::tie(self.one, self.four); }
};

struct Even {
    std::uint16_t value = 0;

    friend bool operator==(const Even&, const Even&) = default;

    auto fields(this auto& self) { return std::tie(self.value); }

    [[nodiscard]] Result<void> check() const {
        if (value % 2 != 0) return fail(Code::invalid_argument, "odd");
        return {};
    }
};

/// Every kind of field that tls.h lists.
struct Everything {
    std::uint8_t small = 0;
    std::uint16_t medium = 0;
    std::uint32_t large = 0;
    std::uint64_t huge = 0;
    Colour colour = Colour::Red;
    Number<struct EpochTag> epoch;
    Id<struct MemberTag> member;
    std::array<std::uint8_t, 3> three{};
    Bytes bytes;
    std::string text;
    std::vector<Small> list;
    std::vector<std::uint16_t> numbers;
    std::vector<Bytes> nested;
    std::optional<Even> maybe;
    std::variant<std::uint8_t, Small, Bytes> choice;

    friend bool operator==(const Everything&, const Everything&) = default;

    auto fields(this auto& self) {
        return std::tie(self.small,
                        self.medium,
                        self.large,
                        self.huge,
                        self.colour,
                        self.epoch,
                        self.member,
                        self.three,
                        self.bytes,
                        self.text,
                        self.list,
                        self.numbers,
                        self.nested,
                        self.maybe,
                        self.choice);
    }
};

}  // namespace cercle::codec::everything
